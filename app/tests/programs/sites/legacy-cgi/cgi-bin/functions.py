#!/usr/bin/python3
"""The other functions of the module: parse_header, parse, print_environ."""

import cgi
import sys

print("Content-Type: text/html")
print()
print(cgi.parse_header('text/html; charset="utf-8"; q=1'))
print(cgi.parse(sys.stdin.buffer))
cgi.print_environ()
