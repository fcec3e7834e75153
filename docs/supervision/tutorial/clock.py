"""Tell the time to whoever connects."""

import time
from pathlib import Path

from hems.supervision.worker.listen_sockets import listen_sockets
from hems.supervision.worker.notifier import SupervisorNotifier

notifier = SupervisorNotifier.of_environment()
server = listen_sockets()[0].socket
server.settimeout(notifier.beat_s)
visitors = 0
notifier.ready()
while True:
    try:
        visitor, _ = server.accept()
    except TimeoutError:
        pass
    else:
        now = time.strftime("%H:%M:%S")
        with visitor, Path("run/visits").open("a") as visits:
            visits.write(f"a visitor at {now}\n")
            visitor.sendall(f"It is {now}\n".encode())
        visitors += 1
    notifier.status(f"{visitors} visitors")
    notifier.metrics({"visitors": visitors})
    notifier.alive()
