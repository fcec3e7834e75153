"""The real provision worker on directories of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from hems.settings.shared_secret_rules import Secret
from tests.integration.balena import APP_ID, APP_NAME, KEY, Balena
from tests.integration.worker_process import ROOT, eventually


class ProvisionWorker:
    """`python -m hems provision`; `variables` are what an operator has set."""

    def __init__(self, directory: Path, balena: Balena | None = None, **variables: str) -> None:
        self.gateway, self.data = directory / "gateway", directory / "data"
        self.data.mkdir(exist_ok=True)
        self.stderr = directory / "stderr"
        environ = {
            "PATH": os.environ["PATH"],
            "HEMS_CONFIG": str(ROOT / "etc" / "hems.toml"),
            "HEMS_LOGS_DIRECTORY": str(directory / "log"),
            "HEMS_PROVISION_GATEWAY_DIRECTORY": str(self.gateway),
            "HEMS_PROVISION_DATA_DIRECTORY": str(self.data),
            "HEMS_PROVISION_NAMES": "hems.test,127.0.0.1",
            "HEMS_PROVISION_PERIOD_S": "0.2",
            "HEMS_PROVISION_RETRY_S": "0.1",
            "HEMS_HOME_ASSISTANT_HOST": "",
            "HEMS_INFLUXDB_HOST": "",
            **variables,
        }
        if balena:
            environ |= {
                "BALENA_SUPERVISOR_ADDRESS": balena.address,
                "BALENA_SUPERVISOR_API_KEY": KEY,
                "BALENA_APP_ID": str(APP_ID),
                "BALENA_APP_NAME": APP_NAME,
            }
        with self.stderr.open("ab") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hems", "provision"], env=environ, cwd=ROOT, stderr=stderr
            )

    def __enter__(self) -> ProvisionWorker:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def wait_until_done(self) -> None:
        """Wait until its record is written, which comes last."""
        eventually((self.data / "provision.json").exists, 20, "provision has made everything")

    def log(self) -> str:
        return self.stderr.read_text(errors="replace")

    def secret(self, secret: Secret) -> str:
        return (self.gateway / "secrets" / secret).read_text()

    def stop(self) -> int:
        self.process.terminate()
        try:
            return self.process.wait(15)
        finally:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


def provisioned(directory: Path, **variables: str) -> ProvisionWorker:
    """Return a worker that has made everything and has ended."""
    with ProvisionWorker(directory, None, **variables) as worker:
        worker.wait_until_done()
    return worker
