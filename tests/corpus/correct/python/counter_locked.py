#!/usr/bin/env python3
import fcntl
from pathlib import Path
file = open(Path(__file__).with_name("count.txt"), "r+")
with file:
    fcntl.flock(file, fcntl.LOCK_EX)
    count = int(file.read() or 0) + 1
    file.seek(0)
    file.write(str(count))
    file.truncate()
print(f"Content-Type: text/plain\n\n{count}")
