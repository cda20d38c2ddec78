#!/usr/bin/perl
# Writes the whole response itself, head and all (RFC 3875 section 5), one piece before and one after a file is there.
use strict;
use warnings;
use CGI;
use Time::HiRes qw(sleep);

$| = 1;
my $q = CGI->new;
print $q->header(-nph => 1, -type => 'text/plain', -status => '200 As I say');
print "before\n";
sleep 0.01 until -e '../go';
print "after\n";
