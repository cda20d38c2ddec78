#!/usr/bin/env python3
import sys
sys.stdout.reconfigure(encoding="utf-8")
print("Content-Type: application/atom+xml; charset=utf-8\n")
print('<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Grüße</title></feed>')
