#!/usr/bin/env python3
import sys
out = sys.stdout.buffer
out.write(b"Content-Type: application/octet-stream\r\n")
out.write(b'Content-Disposition: attachment; filename="data.bin"\r\n\r\n')
out.write(bytes(range(256)) * 16)
