#!/usr/bin/env python3
import html, subprocess
listing = subprocess.run(["ls", "/"], capture_output=True, text=True, check=True).stdout
print("Content-Type: text/html\n\n<pre>")
print(html.escape(listing))
print("</pre>")
