#!/usr/bin/python3
"""A Flask application as a CGI program: each request imports, answers and ends."""

import hashlib
import time
from pathlib import Path
from wsgiref.handlers import CGIHandler

from flask import Flask, Response, jsonify, redirect, render_template_string, request, session, url_for

app = Flask(__name__)
app.secret_key = "only for this computer"

PAGE = """<!doctype html>
<meta charset="utf-8">
<title>Flask</title>
<link rel="stylesheet" href="/static/style.css">
<h1>Hello {{ name }}</h1>
<p id="visits">{{ visits }}</p>
<form method="post" action="{{ url_for('name') }}">
  <input name="name" value="{{ name }}"> <button id="send">Send</button>
</form>
<form method="post" action="{{ url_for('upload') }}" enctype="multipart/form-data">
  <input type="file" name="file"> <button id="upload">Upload</button>
</form>
"""


@app.get("/")
def index():
    session["visits"] = session.get("visits", 0) + 1
    return render_template_string(PAGE, name=session.get("name", "stranger"), visits=session["visits"])


@app.post("/name")
def name():
    session["name"] = request.form["name"]
    return redirect(url_for("index"))


@app.post("/upload")
def upload():
    files = request.files.getlist("file")
    return jsonify([
        {"name": file.filename, "type": file.content_type, "sha256": hashlib.sha256(file.read()).hexdigest()}
        for file in files
    ])


@app.route("/echo/<path:rest>", methods=["GET", "PUT", "PATCH", "DELETE"])
def echo(rest):
    return jsonify(
        method=request.method,
        rest=rest,
        arguments=request.args.to_dict(flat=False),
        json=request.get_json(silent=True),
        root=request.script_root,
        url=request.url,
        address=request.remote_addr,
    )


@app.get("/cookies")
def cookies():
    response = Response("two cookies\n", mimetype="text/plain")
    response.set_cookie("first", "1, with a comma", httponly=True)
    response.set_cookie("second", "zwei", max_age=60)
    return response


@app.get("/stream")
def stream():
    def pieces():
        yield "before\n"
        while not Path("../go").exists():
            time.sleep(0.01)
        yield "after\n"

    return Response(pieces(), mimetype="text/plain")


@app.get("/empty")
def empty():
    return "", 204


@app.get("/teapot")
def teapot():
    return "short and stout\n", 418


if __name__ == "__main__":
    CGIHandler().run(app)
