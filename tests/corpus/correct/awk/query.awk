#!/usr/bin/awk -f
BEGIN {
    count = split(ENVIRON["QUERY_STRING"], pairs, "&")
    printf "Content-Type: text/plain\r\n\r\n"
    for (at = 1; at <= count; at++) print at ": " pairs[at]
}
