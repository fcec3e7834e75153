"""The compose project, built by podman-compose and up in a network namespace of its own."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from dev.check import compose_file
from hems.supervision.health.health_json import from_object
from hems.supervision.health.health_row import HealthRow
from hems.system import subprocesses
from tests.image import bases
from tests.image.bases import PEERS
from tests.image.container import Container
from tests.image.engine import Podman, building
from tests.integration.worker_process import ROOT, eventually

PROJECT = "gateway"
BUILD_S, UP_S, READY_S = 900.0, 120.0, 30.0


class Fleet:
    """Every service, with the variables that balena would give to it."""

    def __init__(
        self, podman: Podman, override: Path, variables: Mapping[str, Mapping[str, str]]
    ) -> None:
        """Write `variables`, by service, to `override`, which podman-compose reads as well."""
        self.containers = {
            service: Container(podman, f"{PROJECT}_{service}_1") for service in variables
        }
        self.hems = self.containers["hems"]
        self._podman = podman
        self._override = override
        project = compose_file.read(ROOT)
        services = {
            name: {"environment": dict(variables[name])} | _hardware(service.addresses)
            for name, service in project.services.items()
        }
        # Names are not asked for, and the name server would outlive a killed run.
        networks = {name: {"x-podman.disable_dns": True} for name in project.networks}
        own = {"version": "2.1", "services": services, "networks": networks}
        override.write_text(json.dumps(own))  # JSON is YAML

    def build(self) -> None:
        """Build every image, in the machine's own network."""
        # What wifi-connect's first stage would download is no package of Debian's.
        portal = f"--build-context=portal={PEERS / 'portal'}"
        contexts = [portal, *bases.instead_of_digests()]
        options = " ".join(["--format=docker", *contexts, *building()])
        self._compose(BUILD_S, f"--podman-build-args={options}", "build")

    def up(self) -> None:
        """Start every service. podman's timers for health checks would need systemd.

        In a read-only container podman would mount file systems that Docker does not.
        """
        options = "--podman-run-args=--no-healthcheck --read-only-tmpfs=false"
        self._compose(UP_S, options, "up", "-d", "--no-build")

    def until_green(self) -> None:
        """Wait until every worker is ready and well."""
        try:
            eventually(self.is_green, READY_S, "every worker is ready and well")
        except AssertionError as error:
            raise AssertionError(self.report()) from error

    def is_green(self) -> bool:
        rows = self.health().values()
        return bool(rows) and all(row.is_healthy and row.is_ready for row in rows)

    def health(self) -> dict[str, HealthRow]:
        """Return what `supervisorctl health --json` tells of each worker, {} without an answer."""
        output = self._supervisorctl("health", "--json")
        rows = json.loads(output) if output.startswith("[") else []
        return {row["name"]: from_object(row) for row in rows}

    def status(self, worker: str) -> str:
        """Return what a worker says of itself, empty while there is no answer."""
        row = self.health().get(worker)
        return row.status if row else ""

    def image(self, service: str) -> Any:
        """Return what podman knows of a service's image."""
        return json.loads(self._podman.run("image", "inspect", f"{PROJECT}_{service}"))[0]

    def layers(self, service: str) -> set[Path]:
        """Return the folders of an image's layers: what a later one hides is still there."""
        places = self.image(service)["GraphDriver"]["Data"]
        joined = (places.get(name, "") for name in ("UpperDir", "LowerDir"))
        return {Path(one) for paths in joined for one in paths.split(":") if one}

    def report(self) -> str:
        """Return the workers' health and the last lines of every service, for a person."""
        lines = {name: one.logs() for name, one in self.containers.items()}
        ends = [f"{name}:\n{subprocesses.last_lines(text, 30)}" for name, text in lines.items()]
        return "\n".join([self._supervisorctl("health"), *ends])

    def _supervisorctl(self, *arguments: str) -> str:
        """Return what it prints, whatever its exit status: 3 is no failure here."""
        argv = ["podman", "exec", self.hems.name, "supervisorctl", *arguments]
        return self._podman.outcome(argv).stdout

    def _compose(self, timeout_s: float, *arguments: str) -> None:
        files = ["-f", str(ROOT / compose_file.FILE), "-f", str(self._override)]
        program = [sys.executable, "-m", "podman_compose", "-p", PROJECT, "--in-pod=false"]
        self._podman.done([*program, *files, *arguments], timeout_s, ROOT)


def _hardware(addresses: list[str]) -> dict[str, str]:
    """Return the MAC that Docker derives from an address; podman's is another at each start."""
    octets = [IPv4Address(address).packed.hex(":") for address in addresses]
    return {"mac_address": f"02:42:{octets[0]}"} if octets else {}
