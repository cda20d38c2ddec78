#!/usr/bin/env python3
"""A small JSON API: GET tells the time, POST adds up the numbers that it is sent."""

import json
import os
import sys
from datetime import datetime, timezone

LONGEST = 1_000_000


def reply(status, value):
    body = json.dumps(value, ensure_ascii=False, indent=2)
    print(f"Status: {status}")
    print("Content-Type: application/json; charset=utf-8")
    print()
    print(body)


def add_up():
    length = int(os.environ.get("CONTENT_LENGTH") or 0)
    if length > LONGEST:
        return reply("413 Content Too Large", {"error": f"at most {LONGEST} bytes"})
    try:
        numbers = json.loads(sys.stdin.buffer.read(length))["numbers"]
        return reply("200 OK", {"sum": sum(numbers)})
    except (ValueError, KeyError, TypeError):
        return reply("400 Bad Request", {"error": 'send {"numbers": [1, 2, 3]}'})


def main():
    sys.stdout.reconfigure(encoding="utf-8")
    method = os.environ.get("REQUEST_METHOD", "GET")
    if method == "POST":
        add_up()
    elif method in ("GET", "HEAD"):
        reply("200 OK", {"time": datetime.now(timezone.utc).isoformat()})
    else:
        reply("405 Method Not Allowed", {"error": f"{method} means nothing here"})


main()
