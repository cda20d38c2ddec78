#!/usr/bin/perl
use strict;
use warnings;
my $method = $ENV{REQUEST_METHOD} // 'none';
print <<"END";
Content-Type: text/plain

Asked with $method
END
