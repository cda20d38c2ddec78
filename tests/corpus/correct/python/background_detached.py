#!/usr/bin/env python3
import subprocess
subprocess.Popen(["true"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
print("Content-Type: text/plain\n\nstarted")
