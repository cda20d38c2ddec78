#!/usr/bin/env python3
import html, traceback
print("Content-Type: text/html; charset=utf-8\n")
try:
    {}["name"]
except KeyError:
    print("<h1>Something failed</h1><pre>", html.escape(traceback.format_exc()), "</pre>")
