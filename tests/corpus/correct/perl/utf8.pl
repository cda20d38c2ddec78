#!/usr/bin/perl
use strict;
use warnings;
use utf8;
binmode STDOUT, ':encoding(UTF-8)';
print "Content-Type: text/plain; charset=utf-8\n\nGrüße\n";
