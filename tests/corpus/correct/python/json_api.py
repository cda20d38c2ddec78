#!/usr/bin/env python3
import json, os, sys

def answer(status, value):
    body = json.dumps(value).encode()
    out = sys.stdout.buffer
    out.write(f"Status: {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode())
    out.write(body)

def main():
    method = os.environ["REQUEST_METHOD"]
    if method == "GET":
        return answer("200 OK", {"items": [1, 2, 3]})
    if method != "POST":
        return answer("405 Method Not Allowed", {"error": "method"})
    try:
        data = json.loads(sys.stdin.buffer.read(int(os.environ.get("CONTENT_LENGTH") or 0)))
    except ValueError:
        return answer("400 Bad Request", {"error": "no JSON"})
    answer("201 Created", {"got": data})

main()
