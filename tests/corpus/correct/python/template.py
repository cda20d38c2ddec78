#!/usr/bin/env python3
import os
from pathlib import Path
from string import Template

page = Template(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))
print("Content-Type: text/html; charset=utf-8\n")
print(page.substitute(title="A page", method=os.environ["REQUEST_METHOD"]))
