#!/usr/bin/env python3
print("Content-Type: text/plain\n")
print("A response begins like this:")
print("Content-Type: text/html")
print()
print("Location: /somewhere is another header.")
