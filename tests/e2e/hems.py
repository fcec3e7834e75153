"""The real supervisord with the gateway's own etc/supervisord.conf, and so every worker."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from hems.desk.gateway import Gateway
from hems.errors import Unavailable
from hems.supervision.health import Row
from tests.deploy.container import Container
from tests.deploy.lan import PROXY
from tests.integration.balena import APP_ID, APP_NAME, KEY
from tests.integration.namespaces import ENVIRON
from tests.integration.worker_process import ROOT, eventually

SUPERVISOR_PORT = 48484
PYTHON = Path(sys.executable)
# There is no hardware, and nobody who sets a clock; provision looks more often.
VARIABLES = {
    **ENVIRON,
    "PATH": f"{PYTHON.parent}:{ENVIRON['PATH']}",
    "PYTHONPATH": str(ROOT),
    "HEMS_CONFIG": str(ROOT / "etc" / "hems.toml"),
    "D2L_USER": "root",  # who else may read this checkout is not known
    "HEMS_EESMART_D2L_REQUIRE_SYNCHRONISED_CLOCK": "false",
    "HEMS_IPTABLES_INIT_MODE": "report",
    "HEMS_LED_PINS": "mock",
    "HEMS_PROVISION_NAMES": PROXY,
    "HEMS_PROVISION_PERIOD_S": "1",
    "HEMS_PROVISION_RETRY_S": "0.5",
    "BALENA_SUPERVISOR_ADDRESS": f"http://127.0.0.1:{SUPERVISOR_PORT}",
    "BALENA_SUPERVISOR_API_KEY": KEY,
    "BALENA_APP_ID": str(APP_ID),
    "BALENA_APP_NAME": APP_NAME,
}
SETTLED_S, STOP_S = 90, 60


class Hems:
    """The service `hems`; its run directory and logs are in `directory`.

    `log_file` is Home Assistant's, for the LEDs.
    """

    def __init__(self, host: Container, directory: Path, log_file: Path) -> None:
        self._log_file = log_file
        self.logs = directory / "log"
        self._host = host
        self._run = directory / "run"
        self._output = directory / "hems.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._run.mkdir()

    def start(self, variables: Mapping[str, str]) -> None:
        own = {
            "HEMS_RUN_DIR": str(self._run),
            "HEMS_LOGS_DIRECTORY": str(self.logs),
            "HEMS_LED_LOG_FILE": str(self._log_file),
        }
        configuration = str(ROOT / "etc" / "supervisord.conf")
        argv = [str(PYTHON), "-m", "supervisor.supervisord", "-c", configuration]
        self._process = self._host.start(argv, self._output, {**VARIABLES, **own, **variables})

    def stop(self) -> None:
        """Stop it as Docker does."""
        assert self._process is not None
        self._process.terminate()
        self._process.wait(STOP_S)

    def row(self, worker: str) -> Row | None:
        """Return a worker's health, None while supervisord does not answer."""
        try:
            return next(row for row in Gateway(self._run).health() if row.name == worker)
        except Unavailable:
            return None

    def until_settled(self) -> None:
        """Wait until provision has nothing more to do."""

        def is_settled() -> bool:
            row = self.row("provision")
            return bool(row and row.is_ready and not json.loads(row.figures)["waiting"])

        eventually(is_settled, SETTLED_S, "provision has done everything")
