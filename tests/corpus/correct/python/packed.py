#!/usr/bin/env python3
import gzip, sys
sys.stdout.buffer.write(b"Content-Type: text/html; charset=utf-8\nContent-Encoding: gzip\n\n" + gzip.compress("<p>Grüße".encode()))
