#!/usr/bin/env python3
"""What each kind of control sends. What is not ticked or chosen is not sent at all."""
import os
import sys
from html import escape
from urllib.parse import parse_qs

sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
query = os.environ.get("QUERY_STRING", "")
# One name may come many times, so each name has a list of values.
fields = parse_qs(query, keep_blank_values=True)

print("Content-Type: text/html; charset=utf-8")
print()
print("""<!doctype html>
<html lang="en">
<meta name="viewport" content="width=device-width">
<title>Controls</title>
<link rel="stylesheet" href="/style.css">
<nav><a href="get-form.py">GET</a> <a href="post-form.py">POST</a> <b>Controls</b></nav>
<h1>Controls</h1>
<form method="get">
  <fieldset><legend>Check boxes, one name</legend>
    <label><input type="checkbox" name="topping" value="cheese" checked> Cheese</label>
    <label><input type="checkbox" name="topping" value="olives" checked> Olives</label>
    <label><input type="checkbox" name="topping" value="garlic"> Garlic</label>
  </fieldset>
  <fieldset><legend>A check box without a value</legend>
    <label><input type="checkbox" name="hot"> Hot</label>
  </fieldset>
  <fieldset><legend>Radio buttons</legend>
    <label><input type="radio" name="size" value="small"> Small</label>
    <label><input type="radio" name="size" value="large"> Large</label>
  </fieldset>
  <p><label>Drop-down <select name="drink"><option>water<option>tea<option>maté</select></label>
  <p><label>List, several may be chosen
    <select name="side" multiple size="3"><option>bread<option>salad<option>soup</select></label>
  <p><label>Text area <textarea name="note" rows="3">First line
second line</textarea></label>
  <p><button>Send</button>
</form>
<h2>What arrived</h2>
<table>""")
for name in ["topping", "hot", "size", "drink", "side", "note"]:
    values = fields.get(name)
    # repr shows that a text area sends its line ends as \\r\\n.
    print(f"<tr><th scope=row>{name}<td>{escape(repr(values)) if values else '<i>absent</i>'}")
print(f"</table><p>QUERY_STRING as it came: <code>{escape(query) or 'empty'}</code>")
