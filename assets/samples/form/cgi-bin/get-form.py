#!/usr/bin/env python3
"""A form sent with GET: its fields travel in the address, and arrive in QUERY_STRING."""
import os
import sys
from html import escape
from urllib.parse import parse_qs

sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
query = os.environ.get("QUERY_STRING", "")
fields = parse_qs(query, keep_blank_values=True)
name = fields.get("name", [""])[0]
city = fields.get("city", [""])[0]

print("Content-Type: text/html; charset=utf-8")
print()
# What came from outside is escaped, every time: try the name <b>.
print(f"""<!doctype html>
<html lang="en">
<meta name="viewport" content="width=device-width">
<title>GET form</title>
<link rel="stylesheet" href="/style.css">
<nav><b>GET</b> <a href="post-form.py">POST</a> <a href="controls.py">Controls</a></nav>
<h1>{"Hello " + escape(name) if name else "Who are you?"}</h1>
<form method="get">
  <p><label>Name <input name="name" value="{escape(name)}"></label>
  <p><label>City <input name="city" value="{escape(city)}"></label>
  <p><button>Send with GET</button>
</form>
<p>QUERY_STRING as it came: <code>{escape(query) or "empty"}</code>""")
