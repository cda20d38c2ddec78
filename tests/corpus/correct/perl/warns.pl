#!/usr/bin/perl
use strict;
use warnings;
warn "only a remark\n";
print "Content-Type: text/plain\n\nfine\n";
