#!/usr/bin/env python3
import os
from http.cookies import SimpleCookie

jar = SimpleCookie(os.environ.get("HTTP_COOKIE", ""))
visits = int(jar["visits"].value) if "visits" in jar else 0
jar = SimpleCookie()
jar["visits"] = str(visits + 1)
jar["visits"]["path"] = "/"
jar["visits"]["httponly"] = True
jar["visits"]["max-age"] = 86400
print(jar.output())
print("Content-Type: text/plain")
print()
print(f"Visit number {visits + 1}")
