"""Start the library, stock supervisord, systemd, s6 and dinit with the same units, which sleep.

systemd and its units are in a pid namespace; all pids here are those outside of it.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from tests.integration.supervision.differential import user_systemd
from tests.integration.supervision.differential.user_systemd import UserSystemd, children
from tests.integration.supervision.rig import program, rig_in

SHIPPED = Path("/usr/lib/systemd/user")
EXIT_UNITS = ("exit.target", "systemd-exit.service", "shutdown.target")
SLEEP = "/bin/sleep 1000"
UNIT = "Restart=always RestartSec=100ms StartLimitBurst=0"
OwnPids = Callable[[], list[int]]


@dataclass(frozen=True)
class Supervisor:
    """`obstacle()` says why it cannot run here, empty if it can.

    `start` takes an empty folder and the units' commands, and yields a function that returns its
    own pids. SIGTERM to the first of them stops everything.
    """

    name: str
    start: Callable[[Path, Mapping[str, str]], AbstractContextManager[OwnPids]]
    obstacle: Callable[[], str] = str


@contextmanager
def _stock(folder: Path, commands: Mapping[str, str]) -> Iterator[OwnPids]:
    with rig_in(folder) as rig:
        rig.write(*(program(*one) for one in commands.items()), plugin="")
        rig.launch()
        yield lambda: [rig.pid]


@contextmanager
def _plugin(folder: Path, commands: Mapping[str, str]) -> Iterator[OwnPids]:
    with rig_in(folder) as rig:
        rig.write(*(program(*one, UNIT) for one in commands.items()))
        rig.launch()
        yield lambda: [rig.pid]


@contextmanager
def _s6(folder: Path, commands: Mapping[str, str]) -> Iterator[OwnPids]:
    """s6 restarts at once what has notified its readiness and ran for a second."""
    for name, command in commands.items():
        service = folder / "scan" / name
        service.mkdir(parents=True)
        (service / "run").write_text(f"#!/bin/sh\necho >&3\nexec {command} 3>&-\n")
        (service / "notification-fd").write_text("3\n")
        (service / "run").chmod(0o755)
    with _running("s6-svscan", str(folder / "scan")) as pid:
        yield lambda: [pid, *children(pid)]


@contextmanager
def _dinit(folder: Path, commands: Mapping[str, str]) -> Iterator[OwnPids]:
    """dinit restarts at once what has run for longer than its restart-delay of 0.2 s."""
    services = folder / "services"
    services.mkdir()
    for name, command in commands.items():
        lines = ["type = process", f"command = {command}", "restart = true"]
        (services / name).write_text("\n".join([*lines, "restart-limit-interval = 0", ""]))
    waits = [f"waits-for: {name}" for name in commands]
    (services / "boot").write_text("\n".join(["type = internal", *waits, ""]))
    where = ("--services-dir", str(services), "--socket-path", str(folder / "ctl"))
    with _running("dinit", "--user", "--quiet", *where) as pid:
        yield lambda: [pid]


@contextmanager
def _systemd(folder: Path, commands: Mapping[str, str]) -> Iterator[OwnPids]:
    """systemd with `Restart=always`, `RestartSec=100ms`, and Debian's way to exit."""
    files = {name: (SHIPPED / name).read_text() for name in EXIT_UNITS}
    files["basic.target"] = "[Unit]\n"
    files["default.target"] = f"[Unit]\nWants={' '.join(f'{name}.service' for name in commands)}\n"
    for name, command in commands.items():
        service = ["[Service]", f"ExecStart={command}", "Restart=always", "RestartSec=100ms"]
        lines = ["[Unit]", "StartLimitIntervalSec=0", *service, ""]
        files[f"{name}.service"] = "\n".join(lines)
    systemd = UserSystemd(folder, files, subprocess.DEVNULL, "info")
    try:
        yield lambda: children(children(systemd.process.pid)[0])[:1]  # unshare's child starts it
    finally:
        systemd.close()


@contextmanager
def _running(*command: str) -> Iterator[int]:
    """Start a program that ends its services when it has to end."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(10)


def sleeping(pid: int) -> list[int]:
    """Return the pids of the units: the descendants that have executed sleep."""
    pids = []
    with suppress(OSError):  # it ends meanwhile
        for child in children(pid):
            is_unit = Path(f"/proc/{child}/comm").read_text() == "sleep\n"
            pids += [child] if is_unit else sleeping(child)
    return pids


def pid_outside(inner: int, pids: list[int]) -> int:
    """Return which of these processes has the pid `inner` in its own pid namespace."""
    for pid in pids:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        if any(line.startswith("NSpid:") and int(line.split()[-1]) == inner for line in lines):
            return pid
    raise ProcessLookupError(f"no process {inner}")


def until(condition: Callable[[], object], timeout_s: float) -> float:
    """Wait for `condition`, which may raise OSError; return the seconds it took."""
    started = time.monotonic()
    while time.monotonic() < started + timeout_s:
        with suppress(OSError, IndexError):  # it starts or ends
            if condition():
                return time.monotonic() - started
        time.sleep(0.02)  # a look costs 2 ms with 100 units
    raise TimeoutError(f"not within {timeout_s} s")


def _is_installed(program: str) -> Callable[[], str]:
    return lambda: "" if which(program) else "not installed"


STOCK = Supervisor("stock supervisord", _stock)
PLUGIN = Supervisor("plugin", _plugin)
SYSTEMD = Supervisor("systemd", _systemd, lambda: user_systemd.missing() or user_systemd.obstacle())
S6 = Supervisor("s6", _s6, _is_installed("s6-svscan"))
DINIT = Supervisor("dinit", _dinit, _is_installed("dinit"))
