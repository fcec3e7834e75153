"""One real supervisord with the plugin, in a folder of its own."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from dev.launcher.supervisord_client import UnixConnection
from hems.supervision.health import health_json
from hems.supervision.health.health_row import HealthRow
from hems.system.subprocesses import members

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
WORKER = f"{sys.executable} -IS {HERE / 'worker.py'}"
SUPERVISORD = [sys.executable, "-m", "supervisor.supervisord"]

BASE = """
[supervisord]
nodaemon = true
silent = {silent}
loglevel = info
logfile = {folder}/supervisord.log
pidfile = {folder}/supervisord.pid
[unix_http_server]
file = {folder}/ctl.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl = unix://{folder}/ctl.sock
"""
PLUGIN = """
[rpcinterface:supervision]
supervisor.rpcinterface_factory = hems.supervision.supervisord.supervisord_plugin:make_interface
notify_socket = {folder}/notify.sock
heartbeat = {folder}/heartbeat
[ctlplugin:supervision]
supervisor.ctl_factory = hems.supervision.supervisord.supervisorctl_plugin:make_plugin
"""

HANGING = """
[rpcinterface:hanging]
supervisor.rpcinterface_factory = tests.integration.supervision.hanging:make_interface
"""


def listing(kinds: str) -> str:
    """Return PLUGIN with a health file, whose problems have the texts of `kinds`."""
    text = PLUGIN.replace("heartbeat =", "health_file = {folder}/health.json\nheartbeat =")
    return text.replace("[ctlplugin", f"problem_kinds = {kinds}\n[ctlplugin")


def program(name: str, command: str, unit: str = "", *settings: str) -> str:
    """Return one [program:x]; `unit` holds its directives."""
    lines = [
        f"[program:{name}]",
        f"command = {command}",
        f'environment = UNIT="{unit}"',
        "redirect_stderr = true",
        f"stdout_logfile = %(here)s/{name}.log",
        *settings,
    ]
    return "\n".join(lines) + "\n"


class Rig:
    """`process` is supervisord; everything it writes is in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "supervisord.conf"
        self.process: subprocess.Popen[bytes] | None = None

    def write(self, *programs: str, plugin: str = PLUGIN, silent: str = "true") -> None:
        text = "".join([BASE, plugin]).format(folder=self.folder, silent=silent)
        self.config.write_text(text + "\n".join(programs))

    def start(self, *programs: str, **settings: str) -> None:
        self.write(*programs, **settings)
        self.launch()
        self.until(lambda: (self.folder / "ctl.sock").exists() or self.is_over())

    def launch(
        self, command: list[str] | None = None, stdout: Any = None, stderr: Any = None
    ) -> None:
        """Start supervisord, or `command` in its place, with the current configuration."""
        with (self.folder / "output").open("ab") as output:
            self.process = subprocess.Popen(
                [*(command or SUPERVISORD), "-c", str(self.config)],
                stdin=subprocess.DEVNULL,
                stdout=stdout or output,
                stderr=stderr or output,
                cwd=ROOT,
                env={
                    **os.environ,
                    "PYTHONPATH": str(ROOT),
                    "NOTIFY_SOCKET": "/nowhere",
                    "WATCHDOG_USEC": "1",
                },
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def is_over(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def rpc(self, method: str, *arguments: Any) -> Any:
        """Call supervisord's XML-RPC. Raises xmlrpc.client.Fault."""
        with closing(UnixConnection(self.folder / "ctl.sock")) as connection:
            body = xmlrpc.client.dumps(arguments, method)
            connection.request("POST", "/RPC2", body, {"Content-Type": "text/xml"})
            (result,), _ = xmlrpc.client.loads(connection.getresponse().read())
        return result

    def health(self) -> dict[str, HealthRow]:
        rows = health_json.decode(self.rpc("supervision.getHealth"), time.monotonic())
        return {row.name: row for row in rows}

    def problems(self) -> list[tuple[str, str]]:
        """Return name and subject of every problem in the health file."""
        units = json.loads((self.folder / "health.json").read_text())["units"]
        return [(one["name"], one["subject"]) for unit in units for one in unit["problems"]]

    def pids(self) -> dict[str, int | None]:
        return {name: row.pid for name, row in self.health().items()}

    def ctl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "supervisor.supervisorctl", "-c", str(self.config)]
        return subprocess.run(
            [*command, *arguments],
            check=False,
            capture_output=True,
            text=True,
            timeout=30,
            cwd=ROOT,
        )

    def log(self, name: str = "supervisord") -> str:
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def output(self) -> str:
        return (self.folder / "output").read_text(errors="replace")

    def until(self, condition: Callable[[], object], timeout: float = 10.0) -> float:
        """Wait for `condition`, which may raise OSError; return the seconds it took."""
        started = time.monotonic()
        while True:
            # A supervisord that starts or reloads does not answer, or not completely.
            with suppress(OSError, http.client.HTTPException):
                if condition():
                    return time.monotonic() - started
            if time.monotonic() - started > timeout:
                pytest.fail(f"not within {timeout} s\n{self.log()}\n{self.output()}")
            time.sleep(0.005)

    def until_state(self, name: str, state: str, timeout: float = 10.0) -> HealthRow:
        """Wait until the unit is in `state`; return its health."""
        self.until(lambda: self.health()[name].state == state, timeout)
        return self.health()[name]

    def until_other_pid(self, name: str, pid: int | None, timeout: float = 10.0) -> HealthRow:
        """Wait until the unit is active with a process other than `pid`."""

        def is_new() -> bool:
            row = self.health()[name]
            return row.state == "active" and row.pid != pid

        self.until(is_new, timeout)
        return self.health()[name]

    def close(self) -> None:
        """End supervisord, then whatever is left in its session."""
        if self.process is None:
            return
        if not self.is_over():
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(5)
        self.process.kill()
        self.process.wait(5)
        for pid in members(self.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@contextmanager
def rig_in(folder: Path) -> Iterator[Rig]:
    rig = Rig(folder)
    try:
        yield rig
    finally:
        rig.close()
