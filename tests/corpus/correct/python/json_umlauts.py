#!/usr/bin/env python3
import json, sys
sys.stdout.buffer.write(b"Content-Type: application/json\n\n" + json.dumps({"name": "Gr\u00fc\u00dfe"}, ensure_ascii=False).encode())
