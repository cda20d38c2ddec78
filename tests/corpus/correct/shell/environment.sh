#!/bin/sh
echo "Content-Type: text/plain; charset=utf-8"
echo
env | sort
