#!/bin/sh
cat <<PAGE
Content-Type: text/html; charset=utf-8

<!DOCTYPE html>
<p>Asked with $REQUEST_METHOD
PAGE
