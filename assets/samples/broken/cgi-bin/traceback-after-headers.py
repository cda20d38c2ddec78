#!/usr/bin/env python3
prices = {"bread": 3, "tea": 4}

print("Content-Type: text/html; charset=utf-8")
print()
print("<!doctype html><title>Prices</title><h1>Prices</h1>", flush=True)
for thing in ["bread", "tea", "cake"]:
    print(f"<p>{thing} {prices[thing]}", flush=True)
print("<p>That is all")
