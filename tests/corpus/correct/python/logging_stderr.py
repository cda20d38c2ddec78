#!/usr/bin/env python3
import logging, sys
logging.basicConfig(stream=sys.stderr, level=logging.INFO)
logging.info("asked")
try:
    int("seven")
except ValueError:
    logging.exception("no number; 7 is taken")
print("Content-Type: text/plain\n\n7")
