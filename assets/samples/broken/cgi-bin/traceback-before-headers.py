#!/usr/bin/env python3
import os
from html import escape
from urllib.parse import parse_qs

fields = parse_qs(os.environ.get("QUERY_STRING", ""))
name = fields["name"][0]

print("Content-Type: text/html; charset=utf-8")
print()
print(f"<!doctype html><title>Mended</title><h1>Hello {ascii(escape(name))}</h1>")
