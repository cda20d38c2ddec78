#!/usr/bin/env python3
import subprocess
print("Content-Type: text/plain\n", flush=True)
subprocess.run(["echo", "said by a command"], check=True)
print("and by Python")
