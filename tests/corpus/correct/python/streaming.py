#!/usr/bin/env python3
import time
print("Content-Type: text/plain; charset=utf-8\n", flush=True)
for number in range(5):
    print("step", number, flush=True)
    time.sleep(0.02)
