#!/usr/bin/env python3
import os, sys
from dataclasses import dataclass, field

@dataclass
class Page:
    title: str
    lines: list = field(default_factory=list)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        sys.stdout.write("Content-Type: text/html; charset=utf-8\n\n")
        sys.stdout.write(f"<title>{self.title}</title>" + "\n".join(self.lines))

with Page("Made by a class") as page:
    page.lines.append("<p>method " + os.environ["REQUEST_METHOD"])
