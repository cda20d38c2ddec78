#!/bin/sh
echo "Content-Type: text/html; charset=utf-8"
echo
echo '<!doctype html><html lang="en"><title>Hello</title><link rel="stylesheet" href="/style.css">'
echo "<h1>Hello from the shell</h1>"
echo "<p>It is $(date)."
echo '<p><a href="/">More ways to say hello</a>'
