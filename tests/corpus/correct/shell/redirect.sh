#!/bin/sh
echo "Location: http://localhost:8000/elsewhere"
echo
