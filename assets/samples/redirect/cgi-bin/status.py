#!/usr/bin/env python3
"""Sets the status with a Status line. Without one the status is 200 OK."""
import os
from urllib.parse import parse_qs

# A fixed list: text from the address never becomes a header.
STATUSES = {
    "200": "OK", "201": "Created", "400": "Bad Request", "403": "Forbidden", "404": "Not Found",
    "410": "Gone", "418": "I'm a Teapot", "500": "Internal Server Error", "503": "Service Unavailable",
}

code = parse_qs(os.environ.get("QUERY_STRING", "")).get("code", ["200"])[0]
if code not in STATUSES:
    code = "400"

print(f"Status: {code} {STATUSES[code]}")
print("Content-Type: text/html; charset=utf-8")
print()
print('<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">')
print('<title>Status</title><link rel="stylesheet" href="/style.css">')
print(f"<h1>{code} {STATUSES[code]}</h1><p>A page may come with any status.<ul>")
for number, phrase in STATUSES.items():
    print(f'<li><a href="?code={number}">{number} {phrase}</a>')
print('</ul><p><a href="redirect.py">Back</a>')
