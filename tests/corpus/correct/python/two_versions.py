#!/usr/bin/env python3
try:
    from urllib.parse import quote
    from io import StringIO
except ImportError:
    from urllib import quote
    from StringIO import StringIO
out = StringIO()
out.write(u"Content-Type: text/plain\n\n" + quote("a b"))
print(out.getvalue())
