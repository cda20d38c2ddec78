#!python3
"""Tells what a CGI script sees; values are escaped as in URLs, so that any byte comes over whole.

As dump.py it reads as many bytes from stdin as CONTENT_LENGTH names, as drain.py all that come.
"""
import os
import sys


def escaped(value):
    return "".join(chr(c) if 0x21 <= c <= 0x7E and c != 0x25 else "%%%02X" % c for c in value)


def read(count):
    pieces = []
    while count > 0:
        piece = os.read(0, min(count, 65536))
        if not piece:
            break
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)


def length():
    if os.path.basename(sys.argv[0]).startswith("drain"):
        return sys.maxsize
    value = os.environ.get("CONTENT_LENGTH", "")
    return int(value) if value.isascii() and value.isdigit() else 0


stdin = read(length())
lines = ["Content-Type: text/plain", "", "dump"]
for name, value in sorted(os.environb.items()):
    lines.append("env.%s=%s" % (escaped(name), escaped(value)))
for value in sys.argv[1:]:
    lines.append("arg=" + escaped(os.fsencode(value)))
lines.append("cwd=" + escaped(os.getcwdb()))
lines.append("stdin=" + escaped(stdin))
lines.append("end\n")
sys.stdout.write("\n".join(lines))
