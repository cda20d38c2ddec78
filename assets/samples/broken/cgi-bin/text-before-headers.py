#!/usr/bin/env python3
import os
from urllib.parse import parse_qs

fields = parse_qs(os.environ.get("QUERY_STRING", ""))
print("got", len(fields), "fields")

print("Content-Type: text/html; charset=utf-8")
print()
print("<!doctype html><title>Mended</title><h1>Hello</h1>")
