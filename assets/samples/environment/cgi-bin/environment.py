#!/usr/bin/env python3
"""Everything the server tells a script, in groups."""
import os
import sys
from html import escape

GROUPS = {
    "The request": ["REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "CONTENT_TYPE", "CONTENT_LENGTH"],
    "The client": ["REMOTE_ADDR", "REMOTE_HOST", "REMOTE_USER", "AUTH_TYPE"],
    "The server": ["SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "SERVER_SOFTWARE", "GATEWAY_INTERFACE"],
}


def table(title, names):
    """Print one group; a variable that is not set looks different from one that is empty."""
    print(f"<h2>{title}</h2><table>")
    for name in names:
        value = os.environ.get(name)
        shown = "<i>not set</i>" if value is None else escape(value) or "<i>empty</i>"
        print(f"<tr><th scope=row>{escape(name)}<td>{shown}")
    print("</table>")


# A value may hold any byte. Those that are not UTF-8 are shown as \udcXX.
sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
print("Content-Type: text/html; charset=utf-8")
print()
print('<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">')
print('<title>Environment</title><link rel="stylesheet" href="/style.css">')
print("<h1>What this script was told</h1>")
for title, names in GROUPS.items():
    table(title, names)

known = {name for names in GROUPS.values() for name in names}
headers = sorted(name for name in os.environ if name.startswith("HTTP_"))
table("Request headers, as HTTP_*", headers)
table("Everything else", sorted(set(os.environ) - known - set(headers)))
