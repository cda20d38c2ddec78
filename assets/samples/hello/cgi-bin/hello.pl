#!/usr/bin/env perl
use strict;
use warnings;

print "Content-Type: text/html; charset=utf-8\n";
print "\n";
print qq(<!doctype html><html lang="en"><title>Hello</title><link rel="stylesheet" href="/style.css">\n);
print "<h1>Hello from Perl</h1>\n";
print "<p>It is ", scalar localtime, ".\n";
print qq(<p><a href="/">More ways to say hello</a>\n);
