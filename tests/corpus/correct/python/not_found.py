#!/usr/bin/env python3
print("Status: 404 Not Found")
print("Content-Type: text/html; charset=utf-8")
print()
print("<h1>There is no such page</h1>")
