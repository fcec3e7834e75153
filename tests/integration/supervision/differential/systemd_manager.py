"""The real `systemd --user`, and each change of its units' states."""

from __future__ import annotations

import re
import subprocess
import threading
from collections import deque
from collections.abc import Iterable
from pathlib import Path

from tests.integration.supervision.differential.scenario import Scenario
from tests.integration.supervision.differential.state_history import StateHistory
from tests.integration.supervision.differential.user_systemd import UserSystemd

UNIT_SECTION = (
    r"(Requires|Wants|BindsTo|PartOf|After|Before|OnFailure|OnSuccess|Upholds|Conflicts|"
    r"StartLimit\w+)="
)
TARGETS = ("basic", "default", "exit", "shutdown")
CHANGE = re.compile(r"(\S+)\.service: Changed \S+ -> (\S+)$")


class Systemd:
    """systemd with the unit files of the scenarios; everything else is in `folder`."""

    is_library = False

    def __init__(self, folder: Path, scenarios: Iterable[Scenario]) -> None:
        files = {f"{name}.target": "[Unit]\nDefaultDependencies=no\n" for name in TARGETS}
        for one in scenarios:
            for unit in one.units:
                files[f"{one.full_name(unit)}.service"] = _unit_file(one, unit, folder)
        self.history = StateHistory()
        self.last_lines: deque[str] = deque(maxlen=10)
        self._systemd = UserSystemd(folder, files, subprocess.PIPE, "debug")
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def is_ready(self) -> bool:
        return self._systemd.is_ready()

    def is_over(self) -> bool:
        return self._systemd.is_over()

    def do(self, verb: str, unit: str, *words: str) -> None:
        """Carry out one action; do not wait for its effect."""
        name = f"{unit}.service"
        if verb == "signal":
            self._systemd.call("kill", "--kill-whom=main", f"--signal={words[0]}", name)
        elif verb == "reset-failed":
            self._systemd.call(verb, name)
        else:
            self._systemd.call(verb, "--no-block", name)

    def close(self) -> None:
        self._systemd.close()
        self._watcher.join(10)

    def _watch(self) -> None:
        """Add each change of state in its log."""
        assert self._systemd.process.stdout
        with self._systemd.process.stdout as log:
            for line in log:
                text = line.decode(errors="replace").strip()
                self.last_lines.append(text)
                if match := CHANGE.match(text):
                    self.history.add(match[1], match[2])


def _unit_file(scenario: Scenario, unit: str, folder: Path) -> str:
    lines = scenario.lines(unit, ".service", folder)
    of_unit = [line for line in lines if re.match(UNIT_SECTION, line)]
    rest = [line for line in lines if line not in of_unit]
    return "\n".join(["[Unit]", "DefaultDependencies=no", *of_unit, "[Service]", *rest, ""])
