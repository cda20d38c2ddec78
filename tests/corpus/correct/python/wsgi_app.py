#!/usr/bin/env python3
from wsgiref.handlers import CGIHandler

def application(environ, start_response):
    body = f"path {environ.get('PATH_INFO', '')}\n".encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]

if __name__ == "__main__":
    CGIHandler().run(application)
