#!/usr/bin/env python3
"""Counts visits in a cookie, and greets by the name that set-cookie.py stored."""
import os
import sys
from html import escape
from urllib.parse import unquote


def read_cookies():
    """Split by hand: SimpleCookie drops everything after one cookie that it does not like."""
    items = [item.strip().partition("=") for item in os.environ.get("HTTP_COOKIE", "").split(";")]
    return {name: unquote(value) for name, _, value in items if name}


sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
cookies = read_cookies()
name = cookies.get("name", "")
# A cookie is whatever the client says: it may be missing, or forged.
visits = cookies.get("visits", "")
visits = int(visits) + 1 if visits.isdecimal() and len(visits) < 10 else 1

print("Content-Type: text/html; charset=utf-8")
print("Cache-Control: no-store")
print(f"Set-Cookie: visits={visits}; Path=/cgi-bin/; Max-Age=31536000; SameSite=Lax; HttpOnly")
print()
print(f"""<!doctype html>
<html lang="en">
<meta name="viewport" content="width=device-width">
<title>Cookies</title>
<link rel="stylesheet" href="/style.css">
<h1>{"Hello " + escape(name) if name else "Hello, stranger"}</h1>
<p>Visit number {visits}. The browser remembers that, not the server. <a href="read-cookie.py">Come again</a>
<form method="post" action="set-cookie.py">
  <p><label>Name <input name="name" value="{escape(name)}" maxlength="100"></label>
  <p><button>Remember me</button> <button name="forget" value="yes">Forget me</button>
</form>
<h2>Every cookie that came with this request</h2>
<table>""")
for key, value in cookies.items():
    print(f"<tr><th scope=row>{escape(key)}<td>{escape(value)}")
print("</table>" if cookies else "</table><p>None")
