#!/usr/bin/python3
"""Shows the fields of a form the way it was done for twenty years: cgi.FieldStorage."""

import cgi
import html
import os
import sys

sys.stdout.reconfigure(encoding="utf-8")

form = cgi.FieldStorage()
print("Content-Type: text/html; charset=utf-8")
print()
print("<!doctype html>")
print(f"<p id=module>{html.escape(cgi.__file__)}</p>")
print(f"<p id=method>{os.environ['REQUEST_METHOD']}</p>")
for name in sorted(form):  # it is a set of names, in no order
    for value in form.getlist(name):
        print(f"<p class=field>{html.escape(name)} = {html.escape(value)}</p>")
print(f"<p id=first>{html.escape(form.getfirst('name', 'stranger'))}</p>")
