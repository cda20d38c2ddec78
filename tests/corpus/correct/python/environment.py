#!/usr/bin/env python3
import html, os
print("Content-Type: text/html; charset=utf-8\n")
print("<table>")
for name, value in sorted(os.environ.items()):
    print("<tr><th>", html.escape(name), "<td>", html.escape(value))
print("</table>")
