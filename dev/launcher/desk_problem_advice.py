"""The table of problems with a desk's commands in the advice, for the desk's supervisord.

[rpcinterface:supervision] problem_kinds names KINDS. So the advice works where it is read: in
bin/status, in bin/doctor, in `supervisorctl health` and in the topics of the desk.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from dev.launcher.desk_repair_commands import DEFAULT_RUN_DIR, DeskRepairCommands
from hems.protocols.gateway.problem_kinds import KINDS as OF_A_DEVICE
from hems.supervision.worker.problem import ProblemKind


def desk_words(run_dir: Path) -> Iterator[tuple[str, str]]:
    """Yield what a device's advice says (a regular expression), and the same for a desk."""
    commands = DeskRepairCommands(run_dir)
    balena, again = commands.restart_balena, commands.deploy
    yield "`supervisorctl ", f"`{commands.control} "
    yield "/var/log/hems/", f"{commands.logs}/"
    yield "`balena device logs UUID --service mqtt`", f"`{commands.service_log('mqtt')}`"
    yield r"`balena device logs UUID --service \S+`", f"`{commands.service_log('')}`"
    yield r"(re)?start the service \S+ in balena's dashboard", f"run `{balena}`"
    yield "push the release again", again
    yield "push it again", again
    yield "push a release whose requirements .*", f"{again}: the simulated device has a new release"
    yield r"`systemctl restart balena-supervisor` on the host", f"`{balena}`"
    yield "unplug the gateway's power supply, .*", again
    yield "check that the router is on and connected; .*", f"run `{balena}`: it simulates that"
    yield r"`df /data` in the container hems", f"`df {run_dir}`"
    yield "`python -m hems.zigbee restore` in the container hems", f"`{commands.zigbee_restore}`"
    yield "delete old backups in Home Assistant, .*", commands.free_space
    yield "the gateway's address, port 7845", commands.dongle_server
    yield "reboot the device", commands.reboot


def of_a_desk(kind: ProblemKind, run_dir: Path) -> ProblemKind:
    """Return `kind` with the advice for the desk in `run_dir`."""
    advice = kind.what_to_do
    for device, desk in desk_words(run_dir):
        advice = re.sub(device, desk.replace("\\", r"\\"), advice)
    return kind._replace(what_to_do=advice)


RUN_DIR = Path(os.environ.get("HEMS_RUN_DIR", DEFAULT_RUN_DIR))
KINDS = tuple(of_a_desk(kind, RUN_DIR) for kind in OF_A_DEVICE)
