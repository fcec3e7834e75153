"""A TCP server that greets, and the client that hears it.

python -m tests.hil.inside.talk listen PORT
python -m tests.hil.inside.talk to HOST PORT    ends with 0 if greeted
"""

import socket
import sys

from sdnotify import SystemdNotifier

GREETING = b"hello"
TIMEOUT_S = 3.0


def main() -> None:
    """Do what the command line says."""
    match sys.argv[1:]:
        case ["listen", port]:
            listen(int(port))
        case ["to", host, port]:
            try:
                connect(host, int(port))
            except OSError as error:
                raise SystemExit(str(error)) from None


def listen(port: int) -> None:
    """Greet everybody, after notifying systemd that it is ready."""
    with socket.create_server(("", port)) as server:
        SystemdNotifier().notify("READY=1")
        while True:
            connection, _ = server.accept()
            with connection:
                connection.sendall(GREETING)


def connect(host: str, port: int) -> None:
    """Return once greeted. Raises OSError."""
    with socket.create_connection((host, port), TIMEOUT_S) as connection:
        heard = connection.recv(len(GREETING))
    if heard != GREETING:
        raise OSError(f"heard {heard!r}")


if __name__ == "__main__":
    main()
