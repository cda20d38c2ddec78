#!/usr/bin/env python3
"""A local redirect: Location with a path and nothing else. The server runs the other script."""
import os
from urllib.parse import quote

folder = quote(os.environ.get("SCRIPT_NAME", "").rpartition("/")[0])
print(f"Location: {folder}/landing.py?by=server")
print()
