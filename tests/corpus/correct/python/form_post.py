#!/usr/bin/env python3
import html
import os
import sys
from urllib.parse import parse_qs

sys.stdout.reconfigure(encoding="utf-8")
length = int(os.environ.get("CONTENT_LENGTH") or 0)
fields = parse_qs(sys.stdin.buffer.read(length).decode("utf-8", "replace"), keep_blank_values=True)
print("Content-Type: text/html; charset=utf-8")
print()
print("<ul>")
for name, values in fields.items():
    print("<li>", html.escape(name), "=", html.escape(", ".join(values)))
print("</ul>")
