"""The compose project, built by podman-compose and up in a network namespace of its own."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hems.desk.check import compose
from hems.supervision.health import Row, from_struct
from tests.image.engine import Podman, trusting
from tests.integration.worker_process import ROOT

PROJECT = "gateway"
BUILD_S, UP_S = 900.0, 120.0
SUPERVISED = "hems"


class Fleet:
    """The services named, each with the variables of `environment`, as balena gives them."""

    def __init__(
        self, podman: Podman, directory: Path, services: list[str], environment: Mapping[str, str]
    ) -> None:
        self.services = services
        self._podman = podman
        self._override = directory / "override.json"  # JSON is YAML
        own = {name: {"environment": dict(environment)} for name in services}
        self._override.write_text(json.dumps({"version": "2.1", "services": own}))

    def build(self) -> None:
        """Build every image, in the machine's own network."""
        options = " ".join(["--format=docker", "--pull=never", *trusting()])
        self._compose(BUILD_S, [f"--podman-build-args={options}"], "build", *self.services)

    def up(self) -> None:
        """Start every service. Health checks need systemd's timers: see `is_healthy`."""
        self._compose(
            UP_S, ["--podman-run-args=--no-healthcheck"], "up", "-d", "--no-build", *self.services
        )

    def image(self, service: str) -> Any:
        """Return what podman knows of a service's image."""
        return json.loads(self._podman.run("image", "inspect", f"{PROJECT}_{service}"))[0]

    def container(self, service: str) -> Any:
        """Return what podman knows of a service's container."""
        return json.loads(self._podman.run("container", "inspect", name(service)))[0]

    def exec(self, service: str, *argv: str) -> str:
        """Run a command in a container, as `balena ssh` does, and return what it printed."""
        return self._podman.run("exec", name(service), *argv)

    def is_healthy(self, service: str) -> bool:
        """Run the image's own health check."""
        kind, *argv = self.image(service)["Healthcheck"]["Test"]
        assert kind == "CMD", f"{service}: a health check with a shell: {kind}"
        return not self._podman.outcome(["podman", "exec", name(service), *argv]).returncode

    def logs(self, service: str) -> str:
        """Return what a container has said since it was made."""
        done = self._podman.outcome(["podman", "logs", name(service)])
        return done.stdout + done.stderr

    def health(self) -> dict[str, Row]:
        """Return `supervisorctl health --json` of hems, {} while it does not answer."""
        argv = ["podman", "exec", name(SUPERVISED), "supervisorctl", "health", "--json"]
        done = self._podman.outcome(argv)
        rows = json.loads(done.stdout) if done.stdout.startswith("[") else []
        return {
            row["name"]: from_struct(row | {"figures": json.dumps(row["figures"])}) for row in rows
        }

    def is_green(self) -> bool:
        rows = self.health().values()
        return bool(rows) and all(row.is_healthy and row.is_ready for row in rows)

    def _compose(self, timeout_s: float, options: list[str], *arguments: str) -> None:
        files = ["-f", str(ROOT / compose.FILE), "-f", str(self._override)]
        program = [sys.executable, "-m", "podman_compose", "-p", PROJECT, "--in-pod=false"]
        self._podman.done([*program, *files, *options, *arguments], timeout_s, ROOT)


def name(service: str) -> str:
    """Return the name of a service's container."""
    return f"{PROJECT}_{service}_1"
