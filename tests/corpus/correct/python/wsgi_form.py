#!/usr/bin/env python3
from urllib.parse import parse_qs
from wsgiref.handlers import CGIHandler

def application(environ, start_response):
    size = int(environ.get("CONTENT_LENGTH") or 0)
    fields = parse_qs(environ["wsgi.input"].read(size).decode())
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    yield f"{len(fields)} fields\n".encode()

CGIHandler().run(application)
