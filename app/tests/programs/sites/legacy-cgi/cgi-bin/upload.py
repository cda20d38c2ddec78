#!/usr/bin/python3
"""Takes a file through cgi.FieldStorage and tells what arrived."""

import cgi
import hashlib

form = cgi.FieldStorage()
item = form["file"]
print("Content-Type: text/plain; charset=utf-8")
print()
print("file", item.filename)
print("type", item.type)
print("sha256", hashlib.sha256(item.file.read()).hexdigest())
print("note", form.getvalue("note"))
