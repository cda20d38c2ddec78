#!/usr/bin/env python3
import os
if os.environ["REQUEST_URI"].endswith("/again") or os.environ.get("PATH_INFO"):
    print("Content-Type: text/plain\n\nhere")
else:
    print("Location: /cgi-bin/redirect_local.py/again\n")
