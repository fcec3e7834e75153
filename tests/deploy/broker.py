"""The real mosquitto with the files of services/mqtt, unchanged, and those of provision."""

from __future__ import annotations

from pathlib import Path

from tests.deploy.container import Container
from tests.deploy.lan import BROKER, Lan
from tests.integration.worker_process import ROOT, eventually

FILES = ROOT / "services" / "mqtt"
MOSQUITTO = 1883  # its user and group in the image
COMMAND = ["mosquitto", "-c", "/mosquitto/config/mosquitto.conf"]


def start(host: Container, lan: Lan, log: Path) -> None:
    """Start it with the user that the image has; it ends with its container."""
    process = host.start(COMMAND, log)

    def is_listening() -> bool:
        assert process.poll() is None, log.read_text()
        return lan.house.reaches(BROKER, 1883, 1)

    eventually(is_listening, 10, "mosquitto listens")
