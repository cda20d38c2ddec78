#!/usr/bin/perl
use strict;
use warnings;
my $body = '';
read STDIN, $body, $ENV{CONTENT_LENGTH} || 0;
my %field = map { my ($n, $v) = split /=/, $_, 2; ($n => $v // '') } split /&/, $body;
print "Content-Type: text/plain\n\n";
print "$_\n" for sort keys %field;
