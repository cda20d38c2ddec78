#!/usr/bin/env python3
"""A client redirect after POST: reloading the page that follows sends nothing twice."""
import os
from urllib.parse import quote

folder = quote(os.environ.get("SCRIPT_NAME", "").rpartition("/")[0])

if os.environ.get("REQUEST_METHOD") == "POST":
    # The whole address, so that the browser is told; a path alone would stay inside the server.
    scheme = "https" if os.environ.get("HTTPS") == "on" else "http"
    host = os.environ.get("HTTP_HOST") or f"{os.environ['SERVER_NAME']}:{os.environ['SERVER_PORT']}"
    print("Status: 303 See Other")
    print(f"Location: {scheme}://{host}{folder}/landing.py?by=client")

print("Content-Type: text/html; charset=utf-8")
print()
print(f"""<!doctype html>
<html lang="en">
<meta name="viewport" content="width=device-width">
<title>Redirect</title>
<link rel="stylesheet" href="/style.css">
<h1>Three ways to answer with something else</h1>
<h2>A client redirect</h2>
<form method="post"><p><button>POST, then be sent elsewhere</button></form>
<p>The answer is 303 with a Location. The browser makes a second request, with GET.
<h2>A local redirect</h2>
<p><a href="local.py">local.py</a> names another path, and the server answers with that. The browser never knows.
<h2>A status</h2>
<p><a href="status.py">status.py</a> picks the number that the browser gets.""")
