#!/usr/bin/env python3
print("Content-Type: text/html; charset=utf-8")
print()
print("<!DOCTYPE html><title>Hello</title><p>Hello, world")
