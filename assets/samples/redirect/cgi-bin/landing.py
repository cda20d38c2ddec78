#!/usr/bin/env python3
"""Where both redirects lead. Compare what this script sees with the browser's address bar."""
import os
import sys
from html import escape
from urllib.parse import parse_qs

WAYS = {
    "client": "The browser was told to come here: its address bar shows this script.",
    "server": "The server came here by itself: the address bar still shows local.py.",
}

sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
by = parse_qs(os.environ.get("QUERY_STRING", "")).get("by", [""])[0]

print("Content-Type: text/html; charset=utf-8")
print()
print(f"""<!doctype html>
<html lang="en">
<meta name="viewport" content="width=device-width">
<title>Landing</title>
<link rel="stylesheet" href="/style.css">
<h1>You have arrived</h1>
<p>{WAYS.get(by, "Nobody sent you: you came here directly.")}
<table>""")
for name in ["REQUEST_METHOD", "SCRIPT_NAME", "QUERY_STRING", "REQUEST_URI"]:
    print(f"<tr><th scope=row>{name}<td>{escape(os.environ.get(name, '')) or '<i>not set</i>'}")
print('</table><p><a href="redirect.py">Back</a>')
