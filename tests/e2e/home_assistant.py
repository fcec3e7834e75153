"""The real Home Assistant with the files of services/homeassistant, in a root of its own.

What s6 does in the image is done here: the container's variables become files, /etc/cont-init.d
runs (as_container.py), and Home Assistant gets what the files say then.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from dev.home_assistant import root_mounts
from tests.deploy.lan import HOME_ASSISTANT
from tests.e2e import container_stop
from tests.e2e.usb_stick import BUS, UsbPorts
from tests.integration.namespaces import Namespace
from tests.integration.worker_process import ROOT, eventually

FILES = ROOT / "services" / "homeassistant"
ENVIRONMENT = "/run/s6/container_environment"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
IMAGE = {"PATH": PATH, "HOME": "/root", "LANG": "C.UTF-8"}  # what the image itself sets
PORT = 8123
AS_CONTAINER = Path(__file__).with_name("as_container.py")
START_S, KILL_S = 240, 60


class HomeAssistant:
    """A container of sorts; what its root has stays as it is in the cache."""

    def __init__(
        self, space: Namespace, root: Path, gateway: Path, directory: Path, card: Path
    ) -> None:
        self.config = card / "config"
        self.log_file = self.config / "home-assistant.log"
        self.output = directory / "homeassistant.log"
        self._space = space
        self._inside = directory / "root"
        self._environment = directory / "environment"
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0  # monotonic seconds
        sysfs = directory / "sys"
        for one in (self.config, self._inside, self._environment, sysfs):
            one.mkdir()
        self.usb = UsbPorts(space, sysfs, self._inside)
        self._mounts = {
            "/config": self.config,
            "/sys": sysfs,
            "/gateway": gateway,
            "/opt/gateway": FILES,
            ENVIRONMENT: self._environment,
        }
        self._mount(root)

    def replace_root(self, root: Path) -> None:
        """Let the next start be one of the version that `root` has."""
        self._space.run("umount", "--recursive", "--lazy", str(self._inside))
        self._mount(root)

    def _mount(self, root: Path) -> None:
        space = self._space
        for argv in root_mounts.commands(root, self._inside, self._mounts):
            space.run(*argv)
        space.run("mkdir", "-p", f"{self._inside}{BUS}")

    def start(self, variables: Mapping[str, str]) -> None:
        """Start it as a new container with `variables`."""
        for old in self._environment.iterdir():
            old.unlink()
        for name, value in {**IMAGE, **variables}.items():
            (self._environment / name).write_text(value)
        argv = [sys.executable, str(AS_CONTAINER), str(self._inside), ENVIRONMENT]
        argv += ["python3", "-m", "homeassistant", "--config", "/config", "--skip-pip"]
        self._process = self._space.start(argv, {"PATH": PATH}, self.output)
        self._started_at = time.monotonic()

    def wait(self) -> None:
        """Wait until it answers."""
        answers = partial(self._space.reaches, HOME_ASSISTANT, PORT, 1)
        eventually(answers, START_S, "Home Assistant answers")

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def runs_for(self) -> float:
        """Return for how many seconds it has run; 0 if it has ended."""
        is_running = self._process is not None and self._process.poll() is None
        return time.monotonic() - self._started_at if is_running else 0.0

    def stop(self) -> None:
        assert self._process is not None
        container_stop.stop(self._process, "homeassistant")

    def kill(self) -> None:
        """End it as a power cut does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(KILL_S)

    def log(self) -> str:
        """Return what it has written to its log file since it started."""
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""
