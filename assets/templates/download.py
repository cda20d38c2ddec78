#!/usr/bin/env python3
"""Hands out a file that is made on the spot."""

import csv
import io
import sys
from datetime import date, timedelta


def make_file():
    """The next seven days as a table."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(["day", "date"])
    for days in range(7):
        day = date.today() + timedelta(days=days)
        table.writerow([day.strftime("%A"), day.isoformat()])
    return text.getvalue().encode("utf-8")


def main():
    content = make_file()
    # The head goes out as bytes, too: text and bytes have buffers of their own, and the one would overtake the other.
    head = (
        "Content-Type: text/csv; charset=utf-8\n"
        'Content-Disposition: attachment; filename="week.csv"\n'
        f"Content-Length: {len(content)}\n"
        "\n"
    )
    sys.stdout.buffer.write(head.encode("ascii") + content)


main()
