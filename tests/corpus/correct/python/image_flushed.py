#!/usr/bin/env python3
import sys
print("Content-Type: image/gif")
print("Content-Disposition: inline; filename=dot.gif")
print(flush=True)
sys.stdout.buffer.write(bytes.fromhex("47494638396101000100800000ff00002c00000000010001000002024401003b"))
