#!/usr/bin/env python3
"""Says hello. A CGI script prints headers, an empty line, and then the page."""

import os
import sys
from datetime import datetime

sys.stdout.reconfigure(encoding="utf-8")

print("Content-Type: text/html; charset=utf-8")
print()
print(f"""<!doctype html>
<html lang="en">
<title>Hello</title>
<h1>Hello</h1>
<p>It is {datetime.now():%H:%M:%S}, and you asked with {os.environ.get("REQUEST_METHOD", "GET")}.</p>
</html>""")
