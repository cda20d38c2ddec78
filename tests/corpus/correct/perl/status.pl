#!/usr/bin/perl
use strict;
use warnings;
print "Status: 403 Forbidden\nContent-Type: text/html\n\n<h1>Not for you</h1>\n";
