#!/usr/bin/env python3
"""A guest book: one JSON line per entry, in a file that is locked while it is read or written."""
import fcntl
import json
import os
import sys
from collections import deque
from datetime import datetime, timezone
from html import escape
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote

# Beside this script's folder, wherever the server may have started us.
ENTRIES = Path(__file__).resolve().parent.parent / "data" / "entries.jsonl"
LIMIT = 64 * 1024  # Bytes of a request.
SHOWN = 50  # Newest entries on the page.


def add(name, text):
    """Append one line. Two at once would mix their bytes, so each waits for the lock."""
    when = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    line = json.dumps({"name": name, "text": text, "when": when}) + "\n"
    ENTRIES.parent.mkdir(exist_ok=True)
    with ENTRIES.open("a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(line)  # Closing writes the line out, and then lets go of the lock.


def newest():
    """Return the newest entries, newest first. A line that is not ours is left out."""
    if not ENTRIES.exists():
        return []
    with ENTRIES.open(encoding="utf-8", errors="replace") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        lines = deque(file, SHOWN)
    entries = []
    for line in reversed(lines):
        try:
            entry = json.loads(line)
            entries.append((str(entry["name"]), str(entry["text"]), str(entry["when"])))
        except (ValueError, KeyError, TypeError):
            continue
    return entries


def remembered_name():
    """The name in the cookie; whatever the client says, so it is escaped like the rest."""
    items = [item.strip().partition("=") for item in os.environ.get("HTTP_COOKIE", "").split(";")]
    return {key: unquote(value) for key, _, value in items}.get("guest", "")


def sign():
    """Store what was posted and send the browser back with GET, so a reload posts nothing."""
    length = int(os.environ.get("CONTENT_LENGTH") or 0)
    if length > LIMIT:
        return show("413 Content Too Large", remembered_name(), "That is too long")
    form = parse_qs(sys.stdin.buffer.read(length).decode("ascii", "replace"))
    name = form.get("name", [""])[0].strip()[:100]
    text = form.get("text", [""])[0].strip()[:2000]
    if not name or not text:
        return show("400 Bad Request", name, "Please fill in both fields")
    add(name, text)
    scheme = "https" if os.environ.get("HTTPS") == "on" else "http"
    host = os.environ.get("HTTP_HOST") or f"{os.environ['SERVER_NAME']}:{os.environ['SERVER_PORT']}"
    print("Status: 303 See Other")
    print(f"Location: {scheme}://{host}{quote(os.environ['SCRIPT_NAME'])}")
    print(f"Set-Cookie: guest={quote(name)}; Path=/cgi-bin/; Max-Age=31536000; SameSite=Lax; HttpOnly")
    print("Content-Type: text/plain; charset=utf-8")
    print()
    print("Thank you")


def show(status, name, complaint=""):
    """Print the page: the form, then the entries."""
    notice = f'<p role="alert">{escape(complaint)}' if complaint else ""
    print(f"Status: {status}")
    print("Content-Type: text/html; charset=utf-8")
    print("Cache-Control: no-store")
    print()
    print(f"""<!doctype html>
<html lang="en">
<meta name="viewport" content="width=device-width">
<title>Guest book</title>
<link rel="stylesheet" href="/style.css">
<h1>Guest book</h1>
{notice}
<form method="post">
  <p><label>Name <input name="name" value="{escape(name)}" maxlength="100" required></label>
  <p><label>Message <textarea name="text" rows="3" maxlength="2000" required></textarea></label>
  <p><button>Sign</button>
</form>""")
    for name, text, when in newest():
        print(f'<div class="entry"><b>{escape(name)}</b> <span class="weak">{escape(when)}</span>')
        print(f"<p>{escape(text)}</div>")


sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
if os.environ.get("REQUEST_METHOD") == "POST":
    sign()
else:
    show("200 OK", remembered_name())
