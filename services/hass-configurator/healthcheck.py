"""Exit with 0 if the editor responds."""

import http.client
import sys

connection = http.client.HTTPConnection("127.0.0.1", 3218, timeout=5)
connection.request("GET", "/healthz")
sys.exit(connection.getresponse().status != 200)
