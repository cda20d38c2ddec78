#!/usr/bin/env python3
import sqlite3
with sqlite3.connect(":memory:") as base:
    base.execute("create table visits (at text)")
    base.execute("insert into visits values (datetime('now'))")
    (count,) = base.execute("select count(*) from visits").fetchone()
print("Content-Type: text/plain\n")
print(count, "visits")
