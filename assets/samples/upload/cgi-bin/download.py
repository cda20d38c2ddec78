#!/usr/bin/env python3
"""Sends a file as a download: an uploaded one (?file=) or so many bytes made on the way (?size=)."""
import os
import shutil
import sys
from pathlib import Path
from urllib.parse import parse_qs, quote

UPLOADS = Path(__file__).resolve().parent.parent / "uploads"
LIMIT = 4 * 1024**3  # Bytes.
BLOCK = bytes(range(256)) * 256  # 64 KiB.


def head(name, length):
    """Write the header block. Bytes follow, so print is not used at all: it has its own buffer."""
    sys.stdout.buffer.write(
        "Content-Type: application/octet-stream\n"
        f"Content-Length: {length}\n"
        f"Content-Disposition: attachment; filename*=UTF-8''{quote(name, safe='')}\n"
        "X-Content-Type-Options: nosniff\n"
        "\n".encode("ascii")
    )


def send_made(length):
    """Send a pattern of so many bytes, a block at a time."""
    head(f"{length}-bytes.bin", length)
    for _ in range(length // len(BLOCK)):
        sys.stdout.buffer.write(BLOCK)
    sys.stdout.buffer.write(BLOCK[: length % len(BLOCK)])


def send_file(name):
    """Send one uploaded file, a block at a time."""
    with (UPLOADS / name).open("rb") as file:
        head(name, os.fstat(file.fileno()).st_size)
        shutil.copyfileobj(file, sys.stdout.buffer)


query = parse_qs(os.environ.get("QUERY_STRING", ""))
name = query.get("file", [""])[0]
size = query.get("size", [""])[0]
# Only a name that is in the folder's own list, so that ../ leads nowhere.
stored = [file.name for file in UPLOADS.glob("[!.]*")] if UPLOADS.exists() else []
if name in stored:
    send_file(name)
elif size.isdecimal() and len(size) < 12 and int(size) <= LIMIT:
    send_made(int(size))
else:
    print("Status: 404 Not Found")
    print("Content-Type: text/plain; charset=utf-8")
    print()
    print("There is no such file")
