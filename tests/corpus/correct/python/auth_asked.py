#!/usr/bin/env python3
print("Status: 401 Unauthorized")
print('WWW-Authenticate: Basic realm="members"')
print("Content-Type: text/plain\n\nWho are you?")
