#!sh
echo "this is the source"
