#!/usr/bin/env perl
# Greets by name, with nothing but what comes with Perl.
use strict;
use warnings;
use utf8;
use Encode qw(decode);

binmode STDOUT, ':encoding(UTF-8)';

sub unescape {
    my ($text) = @_;
    $text =~ tr/+/ /;
    $text =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
    return decode('UTF-8', $text);
}

sub escape {
    my ($text) = @_;
    my %entity = ('&' => '&amp;', '<' => '&lt;', '>' => '&gt;', '"' => '&quot;');
    $text =~ s/([&<>"])/$entity{$1}/g;
    return $text;
}

my %query;
for my $pair (split /&/, $ENV{QUERY_STRING} // '') {
    my ($name, $value) = split /=/, $pair, 2;
    $query{ unescape($name) } = unescape($value // '');
}
my $name = escape($query{name} // 'world');

print "Content-Type: text/html; charset=utf-8\n\n";
print <<"PAGE";
<!doctype html>
<html lang="en">
<title>Hello</title>
<h1>Hello, $name</h1>
<form>
  <label>Name <input name="name"></label>
  <button>Send</button>
</form>
</html>
PAGE
