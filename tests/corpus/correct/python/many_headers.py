#!/usr/bin/env python3
headers = {"Content-Type": "text/html; charset=utf-8", "Content-Language": "en", "Vary": "Accept-Language", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Content-Security-Policy": "default-src 'self'", "Content-Location": "/cgi-bin/many_headers.py", "Last-Modified": "Wed, 21 Oct 2015 07:28:00 GMT"}
for name, value in headers.items():
    print(f"{name}: {value}")
print()
print("<p>Many headers")
