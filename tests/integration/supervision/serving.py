"""A worker that serves the sockets it was given: it answers each connection with its pid.

With a number of seconds as its argument, it exits with 0 after a pause of so long without one.
"""

import os
import socket
import sys
from pathlib import Path

from hems.supervision.worker.listen_sockets import listen_sockets
from hems.supervision.worker.notifier import SupervisorNotifier


def main() -> None:
    passed = listen_sockets()
    links = {name: str(link.readlink()) for name, link in descriptors().items()}
    SupervisorNotifier.of_environment().ready()
    server = passed[0].socket
    server.settimeout(float(sys.argv[1]) if len(sys.argv) > 1 else None)
    names = ":".join(one.name for one in passed)
    answer = f"{os.getpid()} {names} {len(links)}".encode()
    while True:
        try:
            if server.type == socket.SOCK_DGRAM:
                server.sendto(answer, server.recvfrom(100)[1])
                continue
            connection, _ = server.accept()
        except TimeoutError:
            return
        with connection:
            connection.sendall(answer)


def descriptors() -> dict[str, Path]:
    """Return what this process has open above stderr, without its view of /proc."""
    links = {path.name: path for path in Path("/proc/self/fd").iterdir()}
    return {name: path for name, path in links.items() if int(name) > 2 and path.is_symlink()}


if __name__ == "__main__":
    main()
