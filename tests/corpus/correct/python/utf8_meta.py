#!/usr/bin/env python3
import sys
sys.stdout.reconfigure(encoding="utf-8")
print("Content-Type: text/html\n")
print('<!DOCTYPE html><meta charset="utf-8"><p>Grüße, 日本語, 🙂')
