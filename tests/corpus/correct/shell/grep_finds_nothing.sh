#!/bin/sh
echo "Content-Type: text/plain"
echo
grep nothing /dev/null || echo "no match"
