#!/usr/bin/env python3
print("Set-Cookie: session=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/")
print("Status: 303 See Other")
print("Location: /cgi-bin/hello.py?bye")
print()
