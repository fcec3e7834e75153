"""Networks of our own: a namespace each for network and mounts, gone with its last process.

Nothing is named in /run/netns and no mount reaches the machine: what is in a namespace
ends with its processes, and what we start ends when we do, however that happens.
"""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any

from dev.launcher.mosquitto_or_embedded_broker import SYSTEM_PROGRAMS
from tests.integration.worker_process import eventually
from tests.required import required

CLONE_NEWNET = 0x40000000  # linux/sched.h
MORTAL = ("setpriv", "--pdeathsig", "KILL")
LIBC = ctypes.CDLL(None, use_errno=True)
ENVIRON = {"PATH": f"{os.environ['PATH']}:{SYSTEM_PROGRAMS}:/sbin", "LC_ALL": "C.UTF-8"}


def require_namespaces(*programs: str) -> None:
    """Skip or fail unless there are namespaces and `programs`."""
    needed = ("ip", "nsenter", *programs)
    missing = [one for one in needed if not shutil.which(one, path=ENVIRON["PATH"])]
    required(f"not installed: {', '.join(missing)}" if missing else "")
    argv = ["unshare", "--net", "--mount", "true"]
    done = subprocess.run(argv, env=ENVIRON, capture_output=True, text=True, check=False)
    required(f"namespaces need root: {done.stderr.strip()}" if done.returncode else "")


class Namespace:
    """A network and a mount namespace, held by a sleeping process."""

    def __init__(self) -> None:
        own = network_of(os.getpid())
        self._processes = [self._start(["unshare", "--net", "--mount", "sleep", "infinity"])]
        self.pid = self._processes[0].pid
        eventually(lambda: network_of(self.pid) != own, 10, "the namespace is there")
        self.network = network_of(self.pid)

    def start(
        self, argv: Sequence[str], environ: Mapping[str, str] = ENVIRON, output: Path | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a program in here; it ends with the namespace at the latest."""
        enter = ["nsenter", "-t", str(self.pid), "--net", "--mount", "--wd=/", "--"]
        process = self._start([*enter, *argv], environ, output)
        self._processes.append(process)
        return process

    def run(self, *argv: str, text: str = "") -> str:
        """Run a command in here to its end and return what it printed."""
        done = subprocess.run(
            ["nsenter", "-t", str(self.pid), "--net", "--mount", "--", *argv],
            input=text,
            env=ENVIRON,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 0, f"{argv}: {done.stderr or done.stdout}"
        return done.stdout

    def call(self, function: Callable[[], Any], within_s: float = 30) -> Any:
        """Call `function` in this network, on a thread of its own; its sockets stay in here."""
        outcome: Future[Any] = Future()

        def inside() -> None:
            try:
                with Path(f"/proc/{self.pid}/ns/net").open() as network:
                    assert LIBC.setns(network.fileno(), CLONE_NEWNET) == 0, ctypes.get_errno()
                outcome.set_result(function())
            except BaseException as error:  # noqa: BLE001 - result() raises it
                outcome.set_exception(error)

        threading.Thread(target=inside).start()
        return outcome.result(within_s)

    def listen(self, port: int, address: str = "0.0.0.0") -> socket.socket:
        """Return a socket that accepts connections to `port` of `address` in here."""
        listener: socket.socket = self.call(lambda: socket.create_server((address, port)))
        return listener

    def reaches(self, address: str, port: int, timeout_s: float) -> bool:
        """Tell whether a TCP connection from in here comes about."""

        def connect() -> bool:
            with suppress(OSError):
                socket.create_connection((address, port), timeout_s).close()
                return True
            return False

        return bool(self.call(connect))

    def close(self) -> None:
        """End every process in this network, also those of others."""
        for path in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if network_of(int(path.name)) == self.network:
                    os.kill(int(path.name), signal.SIGKILL)
        for process in self._processes:
            process.wait(10)

    def _start(
        self,
        argv: Sequence[str],
        environ: Mapping[str, str] = ENVIRON,
        output: Path | None = None,
    ) -> subprocess.Popen[bytes]:
        with (output or Path("/dev/null")).open("ab") as log:
            return subprocess.Popen(
                [*MORTAL, *argv],
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )


def network_of(pid: int) -> str:
    return str(Path(f"/proc/{pid}/ns/net").readlink())


def is_running(pid: int) -> bool:
    """Tell whether a process is there, and is no zombie."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def machine_rules() -> str:
    """Return the machine's own rules, without counters: no test may change them."""
    names = Path("/proc/net/ip_tables_names")
    commands = [["nft", "--stateless", "list", "ruleset"]]
    if names.exists() and names.read_text():
        commands.append(["iptables-legacy-save"])
    texts = [
        subprocess.run(argv, env=ENVIRON, capture_output=True, text=True, timeout=30, check=True)
        for argv in commands
    ]
    return re.sub(r"\[\d+:\d+\]|^#.*$", "", "".join(done.stdout for done in texts), flags=re.M)
