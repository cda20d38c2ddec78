#!/usr/bin/env python3
import os, sys
from email.parser import BytesParser
from email.policy import HTTP

body = sys.stdin.buffer.read(int(os.environ.get("CONTENT_LENGTH") or 0))
head = f"Content-Type: {os.environ.get('CONTENT_TYPE', 'text/plain')}\r\n\r\n".encode()
message = BytesParser(policy=HTTP).parsebytes(head + body)
print("Content-Type: text/plain; charset=utf-8\n")
for part in message.iter_parts() if message.is_multipart() else []:
    name = os.path.basename(part.get_filename() or "")
    print(name or "a field", len(part.get_content()))
