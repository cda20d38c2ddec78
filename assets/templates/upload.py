#!/usr/bin/env python3
"""Takes a file from a form and tells what it got. Nothing is written to disk."""

import hashlib
import html
import os
import sys
from email.parser import BytesParser
from email.policy import HTTP

LONGEST = 10_000_000


def read_files(length):
    """The files of a multipart/form-data body as names and bytes."""
    # A multipart body is a mail without its head; the head comes from the environment.
    head = f"Content-Type: {os.environ.get('CONTENT_TYPE', '')}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + sys.stdin.buffer.read(length))
    if not message.is_multipart():
        return []
    parts = [part for part in message.iter_parts() if part.get_filename()]
    return [(part.get_filename(), part.get_payload(decode=True)) for part in parts]


def main():
    sys.stdout.reconfigure(encoding="utf-8")
    told = ""
    status = "200 OK"
    if os.environ.get("REQUEST_METHOD") == "POST":
        length = int(os.environ.get("CONTENT_LENGTH") or 0)
        if length > LONGEST:
            status, told = "413 Content Too Large", f"<p>At most {LONGEST} bytes, please.</p>"
        else:
            for name, content in read_files(length):
                digest = hashlib.sha256(content).hexdigest()
                told += f"<p>{html.escape(name)}: {len(content)} bytes, SHA-256 {digest}</p>"
    print(f"Status: {status}")
    print("Content-Type: text/html; charset=utf-8")
    print()
    print(f"""<!doctype html>
<html lang="en">
<title>Upload</title>
<h1>Send a file</h1>
{told}
<form method="post" enctype="multipart/form-data">
  <input type="file" name="file" required>
  <button>Send</button>
</form>
</html>""")


main()
