#!/usr/bin/env python3
"""Takes files of any size with little memory: multipart/form-data, read by hand a block at a time."""
import hashlib
import os
import re
import sys
import tempfile
from email.message import Message
from html import escape
from pathlib import Path
from urllib.parse import quote

# Outside cgi-bin, so that nobody can upload a script and have it run.
UPLOADS = Path(__file__).resolve().parent.parent / "uploads"
LIMIT = 1024**3  # Bytes of a whole request.
BLOCK = 64 * 1024  # Bytes in memory at a time.
HEAD_LIMIT = 16 * 1024  # Bytes of the header lines of one part.


class BadRequest(Exception):
    """The request cannot be understood; the first argument is the status."""


class Body:
    """The request body. It never reads more than CONTENT_LENGTH bytes."""

    def __init__(self, length):
        self.left = length
        self.kept = b"\r\n"  # So that the first boundary looks like all the others.

    def fill(self):
        block = sys.stdin.buffer.read(min(BLOCK, self.left))
        if not block:
            raise BadRequest("400 Bad Request", "The body ended in the middle of a part")
        self.left -= len(block)
        self.kept += block

    def until(self, mark):
        """Yield what comes before the mark, block by block, then step over the mark."""
        while True:
            at = self.kept.find(mark)
            # The mark may lie across two blocks, so as many bytes as it is long stay behind.
            done = at if at >= 0 else max(0, len(self.kept) - len(mark) + 1)
            yield self.kept[:done]
            if at >= 0:
                self.kept = self.kept[at + len(mark):]
                return
            self.kept = self.kept[done:]
            self.fill()

    def at_end(self):
        """After a boundary: two dashes say that it was the last one."""
        while len(self.kept) < 2:
            self.fill()
        return self.kept.startswith(b"--")


def read_head(body):
    """Return the header lines of one part as text."""
    head = b""
    for block in body.until(b"\r\n\r\n"):
        head += block
        if len(head) > HEAD_LIMIT:
            raise BadRequest("400 Bad Request", "The header of a part is too long")
    return head.decode("utf-8", "replace")


def safe_name(name):
    """Drop folders, hidden names and odd characters: the client chose this name."""
    name = re.sub(r"[^\w.() -]", "_", re.split(r"[/\\]", name)[-1]).strip(". ")
    return name.encode()[-200:].decode("utf-8", "ignore") or "unnamed"


def save(blocks, name):
    """Write one file under another name and move it in place when it is whole."""
    UPLOADS.mkdir(exist_ok=True)
    digest = hashlib.sha256()
    file = tempfile.NamedTemporaryFile(dir=str(UPLOADS), prefix=".part-", delete=False)
    try:
        with file:
            for block in blocks:
                digest.update(block)
                file.write(block)
            size = file.tell()
        os.replace(file.name, str(UPLOADS / name))
    except BaseException:
        os.unlink(file.name)
        raise
    return name, size, digest.hexdigest()


def receive():
    """Read the whole request; return name, size and SHA-256 of each file in it."""
    content_type = Message()
    content_type["Content-Type"] = os.environ.get("CONTENT_TYPE", "")
    boundary = content_type.get_boundary()
    if content_type.get_content_type() != "multipart/form-data" or not boundary:
        raise BadRequest("415 Unsupported Media Type", 'The form needs enctype="multipart/form-data"')
    length = int(os.environ.get("CONTENT_LENGTH") or 0)
    if length > LIMIT:
        raise BadRequest("413 Content Too Large", f"{length:,} bytes are more than the limit of {LIMIT:,}")
    body, mark, saved = Body(length), b"\r\n--" + boundary.encode("ascii", "replace"), []
    for _ in body.until(mark):
        pass  # What stands before the first boundary means nothing.
    while not body.at_end():
        filename = re.search(r'filename="((?:\\"|[^"])*)"', read_head(body))
        blocks = body.until(mark)
        if filename and filename[1]:
            saved.append(save(blocks, safe_name(filename[1])))
        else:
            for _ in blocks:
                pass  # Another field, or a file field that was left empty.
    return saved


def page(status, title, saved=()):
    """Print the form, what was just received, and what is stored."""
    print(f"Status: {status}")
    print("Content-Type: text/html; charset=utf-8")
    print("Cache-Control: no-store")
    print()
    print(f"""<!doctype html>
<html lang="en">
<meta name="viewport" content="width=device-width">
<title>Upload</title>
<link rel="stylesheet" href="/style.css">
<h1>{escape(title)}</h1>""")
    for name, size, digest in saved:
        print(f"<table><tr><th scope=row>Name<td>{escape(name)}<tr><th scope=row>Size<td>{size:,} bytes")
        print(f"<tr><th scope=row>SHA-256<td>{digest}</table>")
    print("""<form method="post" enctype="multipart/form-data">
  <p><label>Files <input type="file" name="file" multiple required></label>
  <p><button>Upload</button>
</form>
<h2>Stored</h2>
<table>""")
    files = sorted(UPLOADS.glob("[!.]*")) if UPLOADS.exists() else []
    for file in files:
        link = escape("download.py?file=" + quote(file.name))
        print(f'<tr><td><a href="{link}">{escape(file.name)}</a><td>{file.stat().st_size:,} bytes')
    print("</table>" if files else "</table><p>Nothing yet")
    print('<p><a href="download.py?size=104857600">Download 100 MiB made on the way</a>')


sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
try:
    if os.environ.get("REQUEST_METHOD") == "POST":
        received = receive()
        page("200 OK", f"Received {len(received)} {'file' if len(received) == 1 else 'files'}", received)
    else:
        page("200 OK", "Upload")
except BadRequest as problem:
    page(*problem.args)
