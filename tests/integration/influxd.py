"""The real InfluxDB 2.7 on loopback, its data on a small disk of its own.

The disk is a tmpfs in a mount namespace, which ends with the process that holds it.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dev.launcher import influxd_build
from dev.launcher.free_port import free_port
from hems.clients.http import HttpClient, HttpResponse
from hems.clients.influxdb.api import Influxdb
from hems.errors import HemsError
from tests.integration.mount_namespace import MountNamespace
from tests.integration.namespaces import MORTAL
from tests.integration.worker_process import eventually
from tests.required import required

START_S, STOP_S, ANSWER_S = 30.0, 60.0, 10.0
WHOLE_BLOCK, SMALLEST = 1 << 16, 1  # bytes; the second fills what the first leaves


@contextmanager
def program() -> Iterator[Path]:
    """Yield influxd's path; skip the test where it cannot be built, but fail in CI."""
    missing = influxd_build.missing()
    required(f"not installed, to build InfluxDB: {', '.join(missing)}" if missing else "")
    with influxd_build.held() as path:
        yield path


class SmallDisk:
    """A disk of `megabytes` at `folder`, as the processes see it that are started with `enter`."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder = folder
        self._namespace = MountNamespace()
        self.enter = self._namespace.enter
        self._namespace.mount("-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder))
        self._ballast = self._namespace.path(folder) / "ballast"

    def fill(self) -> None:
        """Leave no room."""
        with self._ballast.open("wb", buffering=0) as file:
            for size in (WHOLE_BLOCK, SMALLEST):
                try:
                    while file.write(bytes(size)) == size:
                        pass
                except OSError:
                    continue

    def make_room(self) -> None:
        self._ballast.unlink()

    def close(self) -> None:
        self._namespace.close()


class Influxd:
    """An influxd that can be started again with the same data."""

    def __init__(self, path: Path, disk: SmallDisk, log: Path) -> None:
        self.port = free_port(None)
        self._http = HttpClient("influxd", ("127.0.0.1", self.port))
        self._log = log
        options = {
            "http-bind-address": f"127.0.0.1:{self.port}",
            "bolt-path": disk.folder / "influxd.bolt",
            "sqlite-path": disk.folder / "influxd.sqlite",
            "engine-path": disk.folder / "engine",
        }
        given = (f"--{name}={value}" for name, value in options.items())
        self._command = [*MORTAL, *disk.enter, str(path), "--reporting-disabled", *given]
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self._log.open("ab") as log:
            self._child = subprocess.Popen(self._command, stdout=log, stderr=subprocess.STDOUT)
        eventually(self._answers, START_S, "influxd answers")

    def stop(self) -> None:
        """End it as Docker does."""
        if self._child is not None:
            self._child.terminate()
            self._child.wait(STOP_S)

    def client(self, token: str) -> Influxdb:
        return Influxdb(("127.0.0.1", self.port), token, ANSWER_S)

    def request(
        self, method: str, path: str, token: str = "", *, lines: str = "", json: object = None
    ) -> HttpResponse:
        headers = {"Authorization": f"Token {token}"} if token else {}
        content = {"json": json} if json is not None else {"data": lines.encode()}
        return self._http.request(method, path, ANSWER_S, headers, **content)

    def _answers(self) -> bool:
        assert self._child is not None
        assert self._child.poll() is None, self._log.read_text()
        try:
            return self.request("GET", "/health").is_success
        except HemsError:
            time.sleep(0.1)
            return False


@contextmanager
def running(directory: Path, megabytes: int) -> Iterator[tuple[Influxd, SmallDisk]]:
    """Yield a new influxd and its disk. Skip the test where that is not possible."""
    required("" if os.geteuid() == 0 else "a mount namespace needs root")
    with program() as path:
        folder = directory / "influxd"
        folder.mkdir()
        disk = SmallDisk(folder, megabytes)
        try:
            influxd = Influxd(path, disk, directory / "influxd.log")
            influxd.start()
            try:
                yield influxd, disk
            finally:
                influxd.stop()
        finally:
            disk.close()
