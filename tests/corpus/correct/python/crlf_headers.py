#!/usr/bin/env python3
import sys
sys.stdout.write("Content-Type: text/plain\r\nX-Powered-By: nothing\r\nCache-Control: no-store\r\n\r\nwith the line ends of the net\r\n")
