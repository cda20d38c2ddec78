#!/usr/bin/env python3
"""Stores a name in a cookie, or deletes the cookies, then sends the browser back."""
import os
import sys
from urllib.parse import parse_qs, quote

LIMIT = 64 * 1024  # Bytes.
KEEP = "Path=/cgi-bin/; Max-Age=31536000; SameSite=Lax; HttpOnly"
# There is no way to delete a cookie but to say that its time is over.
DELETE = "Path=/cgi-bin/; Max-Age=0; SameSite=Lax; HttpOnly"


def answer(status, *fields):
    """Print a whole response that says its status in one line."""
    print(f"Status: {status}", *fields, "Content-Type: text/plain; charset=utf-8", "", status, sep="\n")
    sys.exit()


if os.environ.get("REQUEST_METHOD") != "POST":
    answer("405 Method Not Allowed", "Allow: POST")
length = int(os.environ.get("CONTENT_LENGTH") or 0)
if length > LIMIT:
    answer("413 Content Too Large")
form = parse_qs(sys.stdin.buffer.read(length).decode("ascii", "replace"))

# A client redirect needs the whole address; one without a host is followed inside the server.
scheme = "https" if os.environ.get("HTTPS") == "on" else "http"
host = os.environ.get("HTTP_HOST") or f"{os.environ['SERVER_NAME']}:{os.environ['SERVER_PORT']}"
folder = quote(os.environ.get("SCRIPT_NAME", "").rpartition("/")[0])
location = f"Location: {scheme}://{host}{folder}/read-cookie.py"

if "forget" in form:
    answer("303 See Other", location, f"Set-Cookie: name=; {DELETE}", f"Set-Cookie: visits=; {DELETE}")
# Spaces, semicolons and letters beyond ASCII may not stand in a cookie, so the name is quoted.
name = quote(form.get("name", [""])[0][:100])
answer("303 See Other", location, f"Set-Cookie: name={name}; {KEEP}")
