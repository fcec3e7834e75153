"""A worker that measures how long the supervisor takes to handle a notification.

BARRIER=1 comes with a descriptor, which the supervisor closes once all before it has been handled.
"""

import os
import socket
import statistics
import sys
import time
from pathlib import Path

COUNT = 100

took = []
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
    end.connect(os.environ["NOTIFY_SOCKET"])
    for number in range(COUNT):
        time.sleep(0.005 + number * 0.013 % 0.03)  # whatever the phase of the loop
        reader, writer = os.pipe()
        started = time.monotonic()
        end.send(b"READY=1\nSTATUS=%d" % number)
        socket.send_fds(end, [b"BARRIER=1"], [writer])
        os.close(writer)
        os.read(reader, 1)
        took.append(time.monotonic() - started)
        os.close(reader)
Path(sys.argv[1]).write_text(f"{statistics.median(took)}\n", encoding="ascii")
time.sleep(1000)
