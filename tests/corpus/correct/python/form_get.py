#!/usr/bin/env python3
"""Greets whom the query names."""
import html
import os
from urllib.parse import parse_qs

query = parse_qs(os.environ.get("QUERY_STRING", ""))
name = query.get("name", ["stranger"])[0]
print("Content-Type: text/html; charset=utf-8\n")
print(f"<p>Hello, {html.escape(name)}!</p>")
