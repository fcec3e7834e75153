"""Exit with 0 if the editor asks for its login."""

import http.client
import sys

connection = http.client.HTTPConnection("127.0.0.1", 3218, timeout=5)
connection.request("GET", "/")
sys.exit(connection.getresponse().status != 401)
