#!/usr/bin/env python3
import os
print("Content-Type: text/plain\n")
for name in ("REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING"):
    print(f"{name}={os.environ.get(name, '')}")
