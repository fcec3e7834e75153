"""A worker that floods the notify socket: it sends nonsense as fast as it can."""

import os
import socket
import time

with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as connection:
    connection.connect(os.environ["NOTIFY_SOCKET"])
    connection.send(b"READY=1")
    until = time.monotonic() + 5
    while time.monotonic() < until:
        connection.send(b"WATCHDOG=1\nX_METRICS=[]\nEXTEND_TIMEOUT_USEC=never")
        connection.send(os.urandom(300))
        connection.send(b"=" * 9000)
    time.sleep(60)
