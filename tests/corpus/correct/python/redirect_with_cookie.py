#!/usr/bin/env python3
import os
if "seen=1" in os.environ.get("HTTP_COOKIE", ""):
    print("Content-Type: text/plain\n\nwelcome back")
else:
    print("Status: 302 Found\nSet-Cookie: seen=1; Path=/\nLocation: http://" + os.environ["HTTP_HOST"] + os.environ["REQUEST_URI"] + "\n")
