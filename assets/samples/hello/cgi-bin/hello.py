#!/usr/bin/env python3
print("Content-Type: text/html; charset=utf-8")
print()
print('<!doctype html><html lang="en"><title>Hello</title><link rel="stylesheet" href="/style.css">')
print("<h1>Hello from Python</h1>")
print("<p>One header line, one empty line, then the page. That is all of CGI output.")
print('<p><a href="/">More ways to say hello</a>')
