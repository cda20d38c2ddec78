#!/usr/bin/env python3
"""Sends the browser to another page of this site, and to nowhere else."""

import os
import sys
from urllib.parse import parse_qs, quote

PAGES = {"home": "/", "top": "/index.html"}


def main():
    sys.stdout.reconfigure(encoding="utf-8")
    query = parse_qs(os.environ.get("QUERY_STRING", ""))
    wanted = query.get("to", ["home"])[0]
    # Only known pages: who redirects to whatever is asked for helps those who phish.
    page = PAGES.get(wanted)
    if page is None:
        print("Status: 404 Not Found")
        print("Content-Type: text/plain; charset=utf-8")
        print()
        print("There is no such page. Known are: " + ", ".join(sorted(PAGES)))
        return
    server = os.environ.get("HTTP_HOST") or os.environ.get("SERVER_NAME", "localhost")
    scheme = "https" if os.environ.get("HTTPS", "").lower() in ("on", "1") else "http"
    print("Status: 302 Found")
    print(f"Location: {scheme}://{server}{quote(page)}")
    print("Content-Type: text/plain; charset=utf-8")
    print()
    print(f"Go on at {page}")


main()
