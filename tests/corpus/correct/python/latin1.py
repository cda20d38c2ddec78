#!/usr/bin/env python3
import sys
sys.stdout.reconfigure(encoding="latin-1")
print("Content-Type: text/plain; charset=iso-8859-1\n")
print("café, naïve")
