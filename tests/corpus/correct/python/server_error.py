#!/usr/bin/env python3
print("Status: 503 Service Unavailable\nRetry-After: 60\nContent-Type: text/plain\n\nback soon")
