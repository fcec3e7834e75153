"""Start `systemd --user` in the namespaces of this process and in a cgroup: its arguments are
the cgroup's path and systemd's.

systemd starts only on a machine that it has booted: it looks for /run/systemd/system. It logs to
the journal's socket, in its native format; each message becomes a line on stdout.
"""

import os
import select
import socket
import subprocess
import sys
from pathlib import Path

RUN = Path("/run/systemd")
BUFFER = 8 << 20

RUN.mkdir(exist_ok=True)
subprocess.run(["mount", "-t", "tmpfs", "none", RUN], check=True)
(RUN / "system").mkdir()
(RUN / "journal").mkdir()
Path(sys.argv[1], "cgroup.procs").write_text(str(os.getpid()), encoding="ascii")
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
    journal.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    journal.bind(str(RUN / "journal/socket"))
    with subprocess.Popen([sys.argv[2], "--user", "--unit=default.target"]) as systemd:
        while systemd.poll() is None:
            if not select.select([journal], [], [], 0.5)[0]:
                continue
            for field in journal.recv(1 << 20).splitlines():
                if field.startswith(b"MESSAGE="):
                    os.write(1, field.removeprefix(b"MESSAGE=") + b"\n")
