echo Content-Type: text/plain
echo
echo this is the source
