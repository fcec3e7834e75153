"""The real mosquitto with the files of services/mqtt, unchanged, and those of provision."""

from __future__ import annotations

import subprocess
from importlib import resources
from pathlib import Path

from tests.deploy.container import Container
from tests.deploy.lan import BROKER, Lan
from tests.integration.worker_process import ROOT, eventually

FILES = ROOT / "services" / "mqtt"
MOSQUITTO = 1883  # its user and group in the image
USER = ["setpriv", f"--reuid={MOSQUITTO}", f"--regid={MOSQUITTO}", "--clear-groups"]
PYTHON_PATH = "/opt/python"
# In the image they are Debian's; here they are those of the tests.
LIBRARIES: dict[str, Path | None] = {
    PYTHON_PATH: None,
    **{
        f"{PYTHON_PATH}/{one}": Path(str(resources.files(one)))
        for one in ("jinja2", "markupsafe", "text_unidecode")
    },
}
# Debian's Python, which this user may read.
PROGRAM = ["/usr/bin/python3", "/opt/broker/run_mosquitto.py"]
COMMAND = [*USER, "--pdeathsig", "KILL", "env", f"PYTHONPATH={PYTHON_PATH}", *PROGRAM]


def start(host: Container, lan: Lan, log: Path) -> subprocess.Popen[bytes]:
    """Start it with the user that the image has; it ends with its container at the latest."""
    process = host.start(COMMAND, log)

    def is_listening() -> bool:
        assert process.poll() is None, log.read_text()
        return lan.house.reaches(BROKER, 1884, 1)  # it comes last

    eventually(is_listening, 20, "mosquitto listens")
    return process
