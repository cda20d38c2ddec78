#!/usr/bin/env python3
import warnings
warnings.filterwarnings("ignore", category=DeprecationWarning)
try:
    import cgi
except ImportError:
    cgi = None
from html import escape

print("Content-Type: text/html; charset=utf-8")
print()
if cgi is None:
    print("<p>This Python has no module for forms.")
else:
    form = cgi.FieldStorage()
    print("<p>", escape(form.getfirst("name", "nobody")), "chose", len(form.getlist("box")))
