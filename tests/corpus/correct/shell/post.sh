#!/bin/sh
set -eu
body=$(head -c "${CONTENT_LENGTH:-0}")
echo "Content-Type: text/plain"
echo
echo "${#body} characters"
