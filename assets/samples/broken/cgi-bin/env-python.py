#!/usr/bin/env python4
print("Content-Type: text/html; charset=utf-8")
print()
print("<!doctype html><title>Mended</title><h1>Hello</h1>")
