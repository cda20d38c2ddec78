#!/usr/bin/env python3
import os
print("Access-Control-Allow-Origin: *")
if os.environ["REQUEST_METHOD"] == "OPTIONS":
    print("Access-Control-Allow-Methods: GET, POST\nAccess-Control-Allow-Headers: content-type\nStatus: 204 No Content\n")
else:
    print("Content-Type: application/json\n\n[]")
