"""The real supervisord with the gateway's own etc/supervisord.conf, and so every worker."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from dev.launcher.supervisord_client import SupervisordClient
from hems.errors import Unavailable
from hems.supervision.health.health_row import HealthRow
from tests.deploy.container import Container
from tests.deploy.lan import PROXY
from tests.e2e import container_stop
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
    "D2L_LISTEN": "172.18.4.1:7846",
    "REFUSALS_LISTEN": "/gateway/refused-logins.sock",
    # who else may read this checkout is not known
    **dict.fromkeys(("D2L_USER", "TELEMETRY_USER", "WATCHDOG_USER"), "root"),
    "HEMS_DATA_DIR": "/data",
    "HEMS_EESMART_D2L_REQUIRE_SYNCHRONISED_CLOCK": "false",
    "HEMS_IPTABLES_INIT_MODE": "report",
    "HEMS_LED_PINS": "mock",
    "HEMS_PROVISION_NAMES": PROXY,
    "HEMS_PROVISION_PERIOD_S": "1",
    "HEMS_PROVISION_RETRY_S": "0.5",
    "HEMS_TELEMETRY_HOME_PERIOD_S": "5",
    "BALENA_SUPERVISOR_ADDRESS": f"http://127.0.0.1:{SUPERVISOR_PORT}",
    "BALENA_SUPERVISOR_API_KEY": KEY,
    "BALENA_APP_ID": str(APP_ID),
    "BALENA_APP_NAME": APP_NAME,
}
SETTLED_S, COMMAND_S = 300, 400


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

    def command(self, *arguments: str) -> tuple[int, str]:
        """Return exit status and output of `python -m` with `arguments`, as an operator runs it."""
        return self.begun(*arguments)()

    def begun(self, *arguments: str) -> Callable[[], tuple[int, str]]:
        """Begin such a command, and return what waits for its end."""
        log = self.logs / "command.log"
        log.unlink(missing_ok=True)
        process = self._host.start([str(PYTHON), "-m", *arguments], log, VARIABLES)
        return lambda: (process.wait(COMMAND_S), log.read_text())

    def output(self) -> str:
        """Return what the newest command has printed so far."""
        return (self.logs / "command.log").read_text()

    def stop(self) -> None:
        assert self._process is not None
        container_stop.stop(self._process, "hems")

    def forget(self) -> None:
        """Empty the run directory, which is in memory."""
        shutil.rmtree(self._run)
        self._run.mkdir()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def health(self) -> dict[str, HealthRow]:
        """Return the health of each unit. Raises Unavailable when supervisord does not answer."""
        return {row.name: row for row in SupervisordClient(self._run).health()}

    def problems(self) -> dict[tuple[str, str], str]:
        """Return what was found of each listed problem, by its name and subject."""
        try:
            rows = self.health()
        except Unavailable:
            return {}
        return {(one.name, one.subject): one.found for row in rows.values() for one in row.problems}

    def until_settled(self) -> None:
        """Wait until every worker is ready and provision has nothing more to do."""

        def is_settled() -> bool:
            try:
                rows = self.health()
            except Unavailable:
                return False
            is_ready = all(row.is_ready for row in rows.values())
            return is_ready and not json.loads(rows["provision"].metrics).get("waiting", True)

        eventually(is_settled, SETTLED_S, "every worker is ready and provision has done everything")
