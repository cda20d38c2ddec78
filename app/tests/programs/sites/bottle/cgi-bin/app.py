#!/usr/bin/python3
"""A bottle application through the CGI adapter that bottle brings along."""

import hashlib

from bottle import redirect, request, response, route, run, static_file, template


@route("/")
def index():
    return template("<h1>Hello {{name}}</h1>", name=request.query.name or "stranger")


@route("/form", method=["GET", "POST"])
def form():
    return {"query": dict(request.query.decode()), "form": dict(request.forms.decode()), "root": request.script_name}


@route("/upload", method="POST")
def upload():
    file = request.files.file
    return {"name": file.raw_filename, "sha256": hashlib.sha256(file.file.read()).hexdigest()}


@route("/login")
def login():
    response.set_cookie("user", "Zoë", secret="only for this computer", path="/")
    redirect("whoami")


@route("/whoami")
def whoami():
    response.content_type = "text/plain; charset=utf-8"
    return f"{request.get_cookie('user', secret='only for this computer')}\n"


@route("/source")
def source():
    return static_file("app.py", root=".", mimetype="text/plain")


# Bottle's log goes to standard error, which the studio shows beside the output.
run(server="cgi", quiet=True)
