"""Exit with 0 if the editor answers 401, its request for a login."""

import http.client
import sys

connection = http.client.HTTPConnection("127.0.0.1", 3218, timeout=5)
connection.request("GET", "/")
sys.exit(connection.getresponse().status != 401)
