#!/usr/bin/env python3
print("<!doctype html>")
print("<title>Hello</title>")
print("<h1>Hello</h1>")
