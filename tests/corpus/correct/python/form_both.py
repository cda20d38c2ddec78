#!/usr/bin/env python3
import os, sys, html
from urllib.parse import parse_qsl

def fields():
    yield from parse_qsl(os.environ.get("QUERY_STRING", ""))
    if os.environ["REQUEST_METHOD"] == "POST":
        size = int(os.environ.get("CONTENT_LENGTH") or "0")
        yield from parse_qsl(sys.stdin.buffer.read(size).decode())

print("Content-Type: text/plain; charset=utf-8")
print()
for name, value in fields():
    print(name, value, sep=": ")
