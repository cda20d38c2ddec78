#!/usr/bin/python3
"""A Django project as a CGI program: settings, URLs, views and a database in one file."""

import hashlib
import os
import sys
import time
from pathlib import Path
from wsgiref.handlers import CGIHandler

from django import forms
from django.conf import settings
from django.core.management import execute_from_command_line
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.template import Context, Engine
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

DATA = Path(__file__).resolve().parent.parent / "data"

settings.configure(
    SECRET_KEY="only for this computer",
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.sessions", "django.contrib.messages"],
    MIDDLEWARE=[
        "django.middleware.common.CommonMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": DATA / "notes.sqlite3"}},
    FILE_UPLOAD_MAX_MEMORY_SIZE=65536,
    USE_TZ=True,
)

PAGE = Engine().from_string(
    """<!doctype html>
<meta charset="utf-8">
<title>Notes</title>
<link rel="stylesheet" href="/static/style.css">
<h1>Notes</h1>
<ul>{% for note in notes %}<li>{{ note }}</li>{% endfor %}</ul>
<form method="post"><input type="hidden" name="csrfmiddlewaretoken" value="{{ token }}">
{{ form }} <button>Add</button></form>
"""
)


class NoteForm(forms.Form):
    text = forms.CharField(max_length=200)


def notes(request):
    from django.middleware.csrf import get_token

    form = NoteForm(request.POST or None)
    if form.is_valid():
        request.session["notes"] = request.session.get("notes", []) + [form.cleaned_data["text"]]
        return redirect("notes")
    content = {"notes": request.session.get("notes", []), "form": form, "token": get_token(request)}
    return HttpResponse(PAGE.render(Context(content)))


@csrf_exempt
def upload(request):
    file = request.FILES["file"]
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    # A large file is on disk already, a small one in memory.
    return JsonResponse({"name": file.name, "kind": type(file).__name__, "sha256": digest.hexdigest()})


def stream(request):
    def pieces():
        yield "before\n"
        while not Path("../go").exists():
            time.sleep(0.01)
        yield "after\n"

    return StreamingHttpResponse(pieces(), content_type="text/plain")


def facts(request):
    return JsonResponse({"uri": request.build_absolute_uri(), "path": request.path, "script": request.META["SCRIPT_NAME"]})


urlpatterns = [
    path("", notes, name="notes"),
    path("upload/", upload),
    path("stream/", stream),
    path("facts/", facts),
]

if __name__ == "__main__":
    if len(sys.argv) > 1:
        DATA.mkdir(exist_ok=True)
        execute_from_command_line(sys.argv)
    else:
        CGIHandler().run(get_wsgi_application())
