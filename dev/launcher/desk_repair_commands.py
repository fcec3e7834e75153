"""What a developer types to repair a desk: the doctor's advice names commands of the checkout."""

from __future__ import annotations

from pathlib import Path

from dev import ROOT
from hems.doctor.repair_commands import RepairCommands

DEFAULT_RUN_DIR = ROOT / ".hems"
UNITS = {"mqtt": "broker"}  # the unit in place of a service; `balena` is in place of the others


class DeskRepairCommands(RepairCommands):
    """Commands for the desk in `run_dir`, for a shell in the root of the checkout."""

    variables = "in the shell that starts bin/up"
    dongle_server = "the address and port that bin/up prints"

    def __init__(self, run_dir: Path) -> None:
        directory = run_dir.resolve()
        is_default = directory == DEFAULT_RUN_DIR
        folder = ".hems" if is_default else str(directory)
        self.control = f".venv/bin/supervisorctl -c {folder}/supervisord.conf"
        self.logs = f"{folder}/log"
        self.zigbee_restore = ".venv/bin/python -m hems.zigbee restore"
        option = "" if is_default else f" --run-dir {directory}"
        self.free_space = f"free some space in {directory}, or choose another --run-dir"
        self.start_gateway = f"run `python3 bin/up{option}`"
        self.health = f"python3 bin/status{option}"
        self.reboot = self.deploy = f"stop bin/up with Ctrl-C and {self.start_gateway} again"
        self.restart_balena = self.supervisorctl("restart", "balena")

    def supervisorctl(self, action: str, unit: str) -> str:
        return f"{self.control} {action} {unit}"

    def restart_service(self, service: str) -> str:
        return self.supervisorctl("restart", UNITS.get(service, "balena"))

    def service_log(self, service: str) -> str:
        return f"tail {self.logs}/{UNITS.get(service, 'balena')}.log"
