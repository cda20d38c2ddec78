#!/usr/bin/env python3
"""A list of notes in an SQLite database beside the script folder."""

import html
import os
import sqlite3
import sys
from pathlib import Path
from urllib.parse import parse_qs

# CGI Studio hands out the files beside the script folder, but none whose name begins with a dot. Other web servers
# may: there, put the database outside of the folder that they serve.
DATABASE = Path(__file__).resolve().parent.parent / ".notes.sqlite"
LONGEST = 10_000


def open_database():
    # Another request may be writing: wait a moment for it.
    database = sqlite3.connect(str(DATABASE), timeout=5)
    database.execute("CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")
    return database


def add_note(database):
    length = min(int(os.environ.get("CONTENT_LENGTH") or 0), LONGEST)
    form = parse_qs(sys.stdin.buffer.read(length).decode("utf-8", "replace"))
    text = form.get("text", [""])[0].strip()
    if text:
        # A question mark, never text put together: that is how SQL injection begins.
        with database:
            database.execute("INSERT INTO note (text) VALUES (?)", (text,))
    # See other: reloading the page then does not send the note again.
    print("Status: 303 See Other")
    print(f"Location: {os.environ.get('SCRIPT_NAME', '')}")
    print()


def show_notes(database):
    notes = database.execute("SELECT text FROM note ORDER BY id DESC LIMIT 100").fetchall()
    items = "\n".join(f"<li>{html.escape(text)}</li>" for (text,) in notes)
    print("Content-Type: text/html; charset=utf-8")
    print()
    print(f"""<!doctype html>
<html lang="en">
<title>Notes</title>
<h1>Notes</h1>
<form method="post">
  <input name="text" aria-label="Note" required>
  <button>Add</button>
</form>
<ul>
{items}
</ul>
</html>""")


def main():
    sys.stdout.reconfigure(encoding="utf-8")
    database = open_database()
    try:
        if os.environ.get("REQUEST_METHOD") == "POST":
            add_note(database)
        else:
            show_notes(database)
    finally:
        database.close()


main()
