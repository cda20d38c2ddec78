#!/usr/bin/env python3
import os
parts = [part for part in os.environ.get("PATH_INFO", "").split("/") if part]
status, text = ("200 OK", "index") if not parts else ("200 OK", "item " + parts[1]) if parts[0] == "items" and len(parts) == 2 else ("404 Not Found", "nothing")
print(f"Status: {status}\nContent-Type: text/plain\n\n{text}")
