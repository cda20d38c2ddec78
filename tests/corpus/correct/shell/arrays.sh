#!/bin/bash
declare -A query
IFS='&' read -ra pairs <<< "$QUERY_STRING"
for pair in "${pairs[@]}"; do query["${pair%%=*}x"]="${pair#*=}"; done
printf 'Content-Type: text/plain\n\n%d fields\n' "${#query[@]}"
