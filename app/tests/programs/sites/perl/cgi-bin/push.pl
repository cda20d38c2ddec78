#!/usr/bin/perl
# Three pages in one response: multipart/x-mixed-replace.
use strict;
use warnings;
use CGI;

$| = 1;
my $q = CGI->new;
print $q->multipart_init(-boundary => 'next');
for my $page (1 .. 3) {
    print $q->multipart_start(-type => 'text/plain'), "page $page\n";
    print $page < 3 ? $q->multipart_end : $q->multipart_final;
}
