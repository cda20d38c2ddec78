#!/usr/bin/perl
# Takes a file with CGI.pm and tells what arrived.
use strict;
use warnings;
use CGI;
use Digest::SHA;

my $q = CGI->new;
my $file = $q->upload('file') or do {
    print $q->header(-type => 'text/plain', -status => '400 Bad Request'), "no file\n";
    exit;
};
my $sha = Digest::SHA->new(256)->addfile($file, 'b')->hexdigest;
print $q->header(-type => 'text/plain', -charset => 'utf-8');
print 'file ', $q->param('file') . '', "\n";
print 'type ', $q->uploadInfo($q->param('file'))->{'Content-Type'}, "\n";
print "sha256 $sha\n";
