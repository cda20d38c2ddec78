#!/usr/bin/env python3
import sys
print("Content-Type: text/event-stream\nCache-Control: no-cache\n", flush=True)
for number in range(3):
    sys.stdout.write(f"data: {number}\n\n")
    sys.stdout.flush()
