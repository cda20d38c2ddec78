#!/usr/bin/env python3
"""A form sent with POST: its fields travel in the body, and arrive on standard input."""
import os
import sys
from html import escape
from urllib.parse import parse_qs

LIMIT = 64 * 1024  # Bytes; a form with two fields is never longer.


def read_form():
    """Return the status and the fields. A GET has no body, and so no fields."""
    if os.environ.get("REQUEST_METHOD") != "POST":
        return "200 OK", "", {}
    if not os.environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return "415 Unsupported Media Type", "", {}
    length = int(os.environ.get("CONTENT_LENGTH") or 0)
    if length > LIMIT:
        return "413 Content Too Large", "", {}
    # Exactly this many bytes: a server need not end the input after them.
    body = sys.stdin.buffer.read(length).decode("ascii", "replace")
    return "200 OK", body, parse_qs(body, keep_blank_values=True)


sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
status, body, fields = read_form()
name = fields.get("name", [""])[0]
city = fields.get("city", [""])[0]
title = status if status != "200 OK" else f"Hello {name}" if name else "Who are you?"

print(f"Status: {status}")
print("Content-Type: text/html; charset=utf-8")
print()
print(f"""<!doctype html>
<html lang="en">
<meta name="viewport" content="width=device-width">
<title>POST form</title>
<link rel="stylesheet" href="/style.css">
<nav><a href="get-form.py">GET</a> <b>POST</b> <a href="controls.py">Controls</a></nav>
<h1>{escape(title)}</h1>
<form method="post">
  <p><label>Name <input name="name" value="{escape(name)}"></label>
  <p><label>City <input name="city" value="{escape(city)}"></label>
  <p><button>Send with POST</button>
</form>
<p>The body as it came: <code>{escape(body) or "empty"}</code>""")
