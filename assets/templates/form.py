#!/usr/bin/env python3
"""A form that is shown, filled in and answered by the same script."""

import html
import os
import sys
from urllib.parse import parse_qs

LONGEST = 100_000


def read_form():
    """The fields that were sent: in the URL with GET, on standard input with POST."""
    if os.environ.get("REQUEST_METHOD") != "POST":
        return parse_qs(os.environ.get("QUERY_STRING", ""))
    # Exactly so many bytes are there; reading on would wait for ever.
    length = min(int(os.environ.get("CONTENT_LENGTH") or 0), LONGEST)
    return parse_qs(sys.stdin.buffer.read(length).decode("utf-8", "replace"))


def main():
    sys.stdout.reconfigure(encoding="utf-8")
    form = read_form()
    name = form.get("name", [""])[0].strip()
    # What comes from outside is escaped before it stands in a page.
    greeting = f"<p>Hello, {html.escape(name)}!</p>" if name else ""
    print("Content-Type: text/html; charset=utf-8")
    print()
    print(f"""<!doctype html>
<html lang="en">
<title>Form</title>
<h1>Who are you?</h1>
{greeting}
<form method="post">
  <label>Name <input name="name" value="{html.escape(name)}"></label>
  <button>Send</button>
</form>
</html>""")


main()
