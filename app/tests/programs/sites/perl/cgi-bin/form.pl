#!/usr/bin/perl
# Parameters, cookies and a redirect with CGI.pm.
use strict;
use warnings;
use CGI qw(-utf8);
use Encode qw(decode);

binmode STDOUT, ':encoding(UTF-8)';
my $q = CGI->new;

if (defined $q->param('remember')) {
    my $cookie = $q->cookie(-name => 'name', -value => $q->param('remember'), -path => '/');
    print $q->redirect(-uri => $q->url(-absolute => 1), -status => '303 See Other', -cookie => $cookie);
    exit;
}
print $q->header(-charset => 'utf-8');
print $q->start_html('CGI.pm');
my $name = decode('UTF-8', scalar($q->cookie('name')) // 'stranger');
print $q->h1('Hello ' . $q->escapeHTML($name));
for my $name ($q->multi_param) {
    my @values = map { $q->escapeHTML($_) } $q->multi_param($name);
    print $q->p($q->escapeHTML($name) . ' = ' . join(', ', @values));
}
print $q->p('path ' . ($q->path_info // '') . ', method ' . $q->request_method . ', self ' . $q->url(-path_info => 1));
print $q->end_html;
