#!/bin/sh
header() { printf '%s: %s\n' "$1" "$2"; }
escape() { sed 's/&/\&amp;/g; s/</\&lt;/g; s/"/\&quot;/g'; }
header Content-Type "text/html; charset=utf-8"
header Cache-Control no-store
echo
printf '<p>%s</p>\n' "$(printf %s "$QUERY_STRING" | escape)"
