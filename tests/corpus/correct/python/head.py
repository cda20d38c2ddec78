#!/usr/bin/env python3
import os, sys
page = b"<p>a page</p>\n"
sys.stdout.write(f"Content-Type: text/html\nContent-Length: {len(page)}\n\n")
sys.stdout.flush()
if os.environ["REQUEST_METHOD"] != "HEAD":
    sys.stdout.buffer.write(page)
