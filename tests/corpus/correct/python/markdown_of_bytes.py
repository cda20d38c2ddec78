#!/usr/bin/env python3
print("Content-Type: text/html\n")
print("<p>In Python, <code>print(b'x')</code> prints b'x'.")
