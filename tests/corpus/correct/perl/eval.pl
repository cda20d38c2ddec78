#!/usr/bin/perl
use strict;
use warnings;
my $result = eval { die "caught\n" } // 'nothing';
print "Content-Type: text/plain\n\n$result\n";
