#!/bin/sh
# Shows what the script was told by the server, as plain text.

printf 'Content-Type: text/plain; charset=utf-8\n'
printf '\n'

printf 'Hello from the shell. It is %s.\n\n' "$(date '+%H:%M:%S')"
printf 'Method   %s\n' "$REQUEST_METHOD"
printf 'Script   %s\n' "$SCRIPT_NAME"
printf 'Path     %s\n' "${PATH_INFO:-(none)}"
printf 'Query    %s\n' "${QUERY_STRING:-(empty)}"

# A body is read to its length and not further.
if [ "${CONTENT_LENGTH:-0}" -gt 0 ]; then
    printf '\nBody\n'
    head -c "$CONTENT_LENGTH"
fi
