#!/usr/bin/env python3
print("Status: 302 Found")
print("Location: http://localhost:8000/cgi-bin/elsewhere")
print()
