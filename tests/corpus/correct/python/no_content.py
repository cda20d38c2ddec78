#!/usr/bin/env python3
print("Status: 204 No Content")
print()
