#!/usr/bin/env python3
"""One script, many pages: PATH_INFO is what follows the script's name in the address."""
import os
import sys
from html import escape
from urllib.parse import quote

PAGES = {
    "/": ("Home", "Nothing follows the script's name, so this is the first page."),
    "/about": ("About", "The server found pages.py, and handed the rest of the path to it."),
    "/tea/green": ("Green tea", "The rest may hold slashes. No such folder exists anywhere."),
    "/café": ("Café", "The address says caf%C3%A9. The server decodes it before the script runs."),
}

sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
script = os.environ.get("SCRIPT_NAME", "")
path = os.environ.get("PATH_INFO") or "/"  # Unset when nothing follows.

if path in PAGES:
    title, text = PAGES[path]
else:
    print("Status: 404 Not Found")
    title, text = "No such page", "Only the script can know that, so only the script can say 404."

print("Content-Type: text/html; charset=utf-8")
print()
print('<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">')
print(f'<title>{title}</title><link rel="stylesheet" href="/style.css"><nav>')
for page in [*PAGES, "/nowhere"]:
    print(f'<a href="{escape(quote(script + page))}">{escape(page)}</a>')
print(f"</nav><h1>{title}</h1><p>{text}")
print(f"<p>SCRIPT_NAME is <code>{escape(script)}</code>, PATH_INFO is <code>{escape(path)}</code>.")
