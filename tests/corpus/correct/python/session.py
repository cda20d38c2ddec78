#!/usr/bin/env python3
import secrets
from datetime import datetime, timedelta, timezone

token = secrets.token_urlsafe(24)
expires = datetime.now(timezone.utc) + timedelta(days=30)
print(f"Set-Cookie: session={token}; Path=/; HttpOnly; SameSite=Lax; Expires={expires:%a, %d %b %Y %H:%M:%S} GMT")
print("Content-Type: text/html\n")
print("<p>You are known now.")
