#!/usr/bin/env python3
import sys
sys.stdout.write("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nall by myself\n")
