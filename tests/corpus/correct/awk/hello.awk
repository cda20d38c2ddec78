#!/usr/bin/awk -f
BEGIN {
    print "Content-Type: text/plain"
    print ""
    print "Hello from awk"
}
