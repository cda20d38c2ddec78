#!/usr/bin/env python3
print("""Content-Type: text/html; charset=utf-8

<form method="post" enctype="multipart/form-data" action="upload.py">
<input type="file" name="f"><button>Send</button>
</form>
<form action="search.py"><input name="q"></form>""")
