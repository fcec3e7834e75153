"""The library: supervisord with the plugin, and each unit file as a [program:x]."""

from __future__ import annotations

import http.client
import json
import os
import signal
import threading
import time
import xmlrpc.client
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from tests.integration.supervision.differential.scenario import Scenario
from tests.integration.supervision.differential.state_history import StateHistory
from tests.integration.supervision.rig import Rig, program


class Library:
    """supervisord with the plugin. ExecStart= is its command, all else is in UNIT as it is."""

    is_library = True

    def __init__(self, rig: Rig, scenarios: Iterable[Scenario]) -> None:
        self._rig = rig
        rig.write(*(_program(one, unit, rig.folder) for one in scenarios for unit in one.units))
        rig.launch()
        self.history = StateHistory()
        threading.Thread(target=self._watch, daemon=True).start()

    def is_ready(self) -> bool:
        return (self._rig.folder / "ctl.sock").exists()

    def is_over(self) -> bool:
        return self._rig.is_over()

    def do(self, verb: str, unit: str, *words: str) -> None:
        """Carry out one action; do not wait for its effect."""
        # It runs already, or not at all; or the answer comes late on a busy machine.
        with suppress(xmlrpc.client.Fault, TimeoutError):
            if verb == "signal":
                os.kill(self._rig.pids()[unit] or 0, signal.Signals[f"SIG{words[0]}"])
            elif verb == "restart":
                with suppress(xmlrpc.client.Fault):
                    self._rig.rpc("supervisor.stopProcess", unit)
                self._rig.rpc("supervisor.startProcess", unit, False)
            elif verb in {"start", "stop"}:
                self._rig.rpc(f"supervisor.{verb}Process", unit, False)
            else:
                methods = {"reset-failed": "resetFailed", "reload": "reloadUnit"}
                self._rig.rpc(f"supervision.{methods[verb]}", unit)

    def _watch(self) -> None:
        """Add each change of state as it happens, as `supervisorctl monitor` shows them."""
        last = 0
        while not self._rig.is_over():
            try:
                changes = json.loads(self._rig.rpc("supervision.getChanges", last))
            except (OSError, http.client.HTTPException):  # it starts or ends
                time.sleep(0.01)
                continue
            last = changes["last"]
            for change in changes["changes"]:
                self.history.add(change["unit"], change["sub_state"])


def _program(scenario: Scenario, unit: str, folder: Path) -> str:
    lines = scenario.lines(unit, "", folder)
    commands = [line for line in lines if line.startswith("ExecStart=")]
    words = [f"{name}='{value}'" for name, _, value in (line.partition("=") for line in lines)]
    directives = [word for word in words if not word.startswith("ExecStart=")]
    return program(
        scenario.full_name(unit),
        commands[0].removeprefix("ExecStart="),
        " ".join(directives),
        "autostart = false",
        "autorestart = false",
    )
