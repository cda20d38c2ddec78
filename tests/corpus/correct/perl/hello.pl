#!/usr/bin/perl
use strict;
use warnings;
print "Content-Type: text/html; charset=utf-8\n\n";
print "<p>Hello from Perl</p>\n";
