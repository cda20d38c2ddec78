#!/usr/bin/env python3
print("""Content-Type: text/html

<html>
<head><title>Text in one piece</title></head>
<body><p>Hello</p></body>
</html>""")
