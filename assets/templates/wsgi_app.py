#!/usr/bin/env python3
"""A WSGI application, run as a CGI script by the standard library.

The function `application` runs unchanged below any WSGI server.
"""

import html
from urllib.parse import parse_qs
from wsgiref.handlers import CGIHandler


def application(environ, start_response):
    query = parse_qs(environ.get("QUERY_STRING", ""))
    name = query.get("name", ["world"])[0]
    page = f"""<!doctype html>
<html lang="en">
<title>WSGI</title>
<h1>Hello, {html.escape(name)}</h1>
<p>The path after the script is {html.escape(environ.get("PATH_INFO", "") or "empty")}.</p>
</html>
""".encode("utf-8")
    headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(page)))]
    start_response("200 OK", headers)
    return [page]


CGIHandler().run(application)
