#!/usr/bin/env python3
import csv, sys
sys.stdout.reconfigure(encoding="utf-8", newline="")
sys.stdout.write("Content-Type: text/csv; charset=utf-8\r\n\r\n")
writer = csv.writer(sys.stdout)
writer.writerow(["name", "city"])
writer.writerow(["Jürgen", "Köln"])
