"""The real file editor, its page built as its Dockerfile says, on a free port."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import requests

from dev.launcher.free_port import free_port
from tests.required import required

SERVICE = Path(__file__).parents[2] / "services/hass-configurator"
USER, PASSWORD = "admin", "unsafe: only in tests"
INSTALL_S = 300
SERVE = """
import asyncio, pathlib, sys, editor
port, config, secrets, page, host, home_assistant = sys.argv[1:]
paths = map(pathlib.Path, (config, secrets, page))
asyncio.run(editor.serve(editor.Settings(*paths, int(port), (host, int(home_assistant)))))
"""


def install(directory: Path) -> Path:
    """Build the page in `directory` and return its folder; skip without npm, but fail in CI."""
    npm = shutil.which("npm")
    required("" if npm else "npm is not installed: apt install npm")
    assert npm is not None
    for name in ("package.json", "package-lock.json"):
        shutil.copy(SERVICE / name, directory)
    shutil.copytree(SERVICE / "page_script", directory / "page_script")
    run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], directory)
    run([npm, "run", "build"], directory)
    page = directory / "page"
    shutil.copytree(SERVICE / "page", page)
    shutil.copy(directory / "build/app.js", page)
    return page


def run(argv: list[str], directory: Path) -> None:
    done = subprocess.run(
        argv, check=False, cwd=directory, capture_output=True, text=True, timeout=INSTALL_S
    )
    assert done.returncode == 0, done.stderr[-2000:]


class Configurator:
    """The editor of `config`; there is no login before `make_login`."""

    home_assistant = ("127.0.0.1", 1)  # nothing listens there

    def __init__(self, page: Path, directory: Path, port: int | None = None) -> None:
        self.port = port or free_port(None)
        self.url = f"http://127.0.0.1:{self.port}"
        self.config = directory / "config"
        self.config.mkdir()
        self.secrets = directory / "secrets"
        self.secrets.mkdir()
        self._page = page
        self._log = directory / "editor.log"
        self._process: subprocess.Popen[bytes] | None = None

    def make_login(self, user: str = USER, password: str = PASSWORD) -> None:
        Path(self.secrets, "CONFIG_USER").write_text(user)
        Path(self.secrets, "CONFIG_PASSWORD").write_text(password)

    def start(self) -> None:
        places = [str(place) for place in (self.config, self.secrets, self._page)]
        peer = [str(part) for part in self.home_assistant]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", SERVE, str(self.port), *places, *peer],
                env={"PYTHONPATH": str(SERVICE), "PYTHONUNBUFFERED": "1"},
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                requests.get(self.url, timeout=5)
            except requests.ConnectionError:
                assert self._process.poll() is None, self.log()
                time.sleep(0.05)
            else:
                return
        raise AssertionError(f"the editor does not listen: {self.log()}")

    def stop(self) -> int:
        """End it with SIGTERM and return its exit code."""
        assert self._process is not None
        self._process.terminate()
        try:
            return self._process.wait(10)
        finally:
            self._process.kill()
            self._process.wait(10)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def command_line(self) -> str:
        return Path(f"/proc/{self.pid}/cmdline").read_text()

    def log(self) -> str:
        return self._log.read_text()

    def ask(
        self,
        method: str,
        function: str,
        content: bytes = b"",
        /,
        headers: Mapping[str, str] | None = None,
        **parameters: str,
    ) -> requests.Response:
        """Send what the page sends, with the login, and return the response."""
        return requests.request(
            method,
            f"{self.url}/api/{function}",
            params=parameters,
            data=content,
            headers={"X-Editor": "1", **(headers or {})},
            auth=(USER, PASSWORD),
            timeout=10,
        )
