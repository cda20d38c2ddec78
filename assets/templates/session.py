#!/usr/bin/env python3
"""Counts the visits of each browser with a signed cookie, which nobody can forge without the key."""

import hashlib
import hmac
import os
import secrets
import sys
from http.cookies import CookieError, SimpleCookie
from pathlib import Path

# CGI Studio hands out the files beside the script folder, but none whose name begins with a dot. Other web servers
# may: there, put the key outside of the folder that they serve, for who has it can forge every cookie.
KEY_FILE = Path(__file__).resolve().parent.parent / ".session.key"


def key():
    """The secret of this site, made when it is first needed and readable by its owner only."""
    try:
        return KEY_FILE.read_bytes()
    except FileNotFoundError:
        made = secrets.token_bytes(32)
        try:
            with open(os.open(KEY_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(made)
            return made
        except FileExistsError:
            return KEY_FILE.read_bytes()


def sign(value, secret):
    return hmac.new(secret, value.encode(), hashlib.sha256).hexdigest()


def read_visits(secret):
    """The number in the cookie, or 0 when there is none or its signature is wrong."""
    try:
        cookie = SimpleCookie(os.environ.get("HTTP_COOKIE", "")).get("visits")
    except CookieError:
        return 0
    value, _, signature = (cookie.value if cookie else "").partition(".")
    is_ours = hmac.compare_digest(signature.encode(), sign(value, secret).encode())
    return int(value) if is_ours and value.isdigit() else 0


def main():
    sys.stdout.reconfigure(encoding="utf-8")
    secret = key()
    visits = str(read_visits(secret) + 1)
    print("Content-Type: text/html; charset=utf-8")
    print(f"Set-Cookie: visits={visits}.{sign(visits, secret)}; Path=/; HttpOnly; SameSite=Lax")
    print("Cache-Control: no-store")
    print()
    print(f"""<!doctype html>
<html lang="en">
<title>Visits</title>
<h1>Visit number {visits}</h1>
<p>Load the page again, and the number rises.</p>
</html>""")


main()
