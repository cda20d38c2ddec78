#!/usr/bin/perl
use strict;
use warnings;
binmode STDOUT;
print "Content-Type: application/octet-stream\r\n\r\n", pack('C*', 0 .. 255);
