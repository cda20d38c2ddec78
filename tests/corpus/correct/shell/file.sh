#!/bin/sh
file="$(dirname "$0")/notes.txt"
echo "Content-Type: text/plain"
echo "Content-Length: $(wc -c < "$file" | tr -d ' ')"
echo
cat "$file"
