#!/usr/bin/env python3
import os, sys
if os.environ["REQUEST_METHOD"] == "POST":
    sys.stdin.buffer.read(int(os.environ.get("CONTENT_LENGTH") or 0))
    print("Status: 303 See Other")
    print("Location: http://localhost:8000" + os.environ["SCRIPT_NAME"])
    print()
else:
    print("Content-Type: text/html\n\n<form method=post><input name=a><button>Send</button></form>")
