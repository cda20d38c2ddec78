#!/usr/bin/env python3
import os
TAG = '"v1"'
if os.environ.get("HTTP_IF_NONE_MATCH") == TAG:
    print("Status: 304 Not Modified\nETag: " + TAG + "\n")
else:
    print("Content-Type: text/plain\nETag: " + TAG + "\n\nversion one")
