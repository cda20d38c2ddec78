#!/usr/bin/env python3
print("Content-Type: text/html\n\n<table>")
for row in range(5000):
    print(f"<tr><td>{row}<td>{row * row}</tr>")
print("</table>")
