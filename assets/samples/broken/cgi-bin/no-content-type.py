#!/usr/bin/env python3
print("X-Made-By: hand")
print()
print("<!doctype html><title>Mended</title><h1>Hello</h1>")
