"""The real hass-configurator, installed as its Dockerfile says, on a free loopback port."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from dev.launcher.free_port import free_port

SERVICE = Path(__file__).parents[2] / "services/hass-configurator"
USER, PASSWORD = "admin", "unsafe: only in tests"
INSTALL_S = 300
PAGE = {
    "ace": "ace-builds/src-min-noconflict",
    "mdi": "@mdi/font",
    "materialize": "materialize-css/dist",
}
SERVE = """
import pathlib, sys, editor
port, *places = sys.argv[1:]
editor.serve(editor.Paths(*map(pathlib.Path, places), port=int(port)))
"""


@dataclass(frozen=True)
class Installed:
    """The Python path of the editor, and the directory its page loads from."""

    code: Path
    page: Path


def install(directory: Path) -> Installed:
    """Do the steps of the image's build in `directory`; skip without npm, but fail in CI."""
    npm = shutil.which("npm")
    if npm is None:
        missing = "npm is not installed: apt install npm"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(SERVICE / name, directory)
    found = Installed(directory / "code", directory / "page")
    requirements = str(SERVICE / "requirements.txt")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
    run([*pip, "--target", str(found.code), "-r", requirements], directory)
    run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], directory)
    html = found.code / "hass_configurator/dev.html"
    run([sys.executable, str(SERVICE / "offline_page.py"), str(html)], directory)
    found.page.mkdir()
    for name, module in PAGE.items():
        Path(directory, "node_modules", module).rename(found.page / name)
    return found


def run(argv: list[str], directory: Path) -> None:
    done = subprocess.run(
        argv, check=False, cwd=directory, capture_output=True, text=True, timeout=INSTALL_S
    )
    assert done.returncode == 0, done.stderr[-2000:]


class Configurator:
    """The editor of `config`; there is no login before `make_login`."""

    def __init__(self, installed: Installed, directory: Path, port: int | None = None) -> None:
        self.port = port or free_port(None)
        self.url = f"http://127.0.0.1:{self.port}"
        self.config = directory / "config"
        self.config.mkdir()
        self._secrets = directory / "secrets"
        self._secrets.mkdir()
        self._installed = installed
        self._log = directory / "editor.log"
        self._process: subprocess.Popen[bytes] | None = None

    def make_login(self, user: str = USER, password: str = PASSWORD) -> None:
        Path(self._secrets, "CONFIG_USER").write_text(user)
        Path(self._secrets, "CONFIG_PASSWORD").write_text(password)

    def start(self) -> None:
        code, page = self._installed.code, self._installed.page
        places = [str(place) for place in (self.config, self._secrets, page)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", SERVE, str(self.port), *places],
                env={"PYTHONPATH": f"{code}:{SERVICE}", "PYTHONUNBUFFERED": "1"},
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

    def command_line(self) -> str:
        assert self._process is not None
        return Path(f"/proc/{self._process.pid}/cmdline").read_text()

    def log(self) -> str:
        return self._log.read_text()
