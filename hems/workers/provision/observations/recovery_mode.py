"""Find out that Home Assistant runs in recovery mode, and which line of its configuration is why.

In that mode its pages and logins work, but neither MQTT nor the recorder do. Every start moves the
log, so the reason is in the log of the start before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hems.clients.home_assistant.admin_session import AdminSession
from hems.errors import Unavailable
from hems.protocols.gateway.problem_kinds import RECOVERY_MODE
from hems.protocols.home_assistant.log_file_entry import entry
from hems.supervision.worker.problem import ReportedProblem
from hems.system import files

LOGS = ("home-assistant.log.1", "home-assistant.log")
FOLDER = "/config/"  # as Home Assistant sees it: 2026 names the whole path
LOG_END = 65_536  # bytes
PLACE = re.compile(r'in "([^"]+)", line (\d+), column (\d+)')
UNREADABLE = "the reason is not in home-assistant.log.1"
NEXT_LINES = 12  # of an entry, in which the place may be


@dataclass
class RecoveryMode:
    """`session` opens Home Assistant; `folder` is its configuration as hems sees it."""

    session: Callable[[float], AdminSession]
    folder: Path

    def problems(self, now: float, _wall: float) -> Iterator[ReportedProblem]:
        """Yield the problem if there is one. Raises HemsError without an answer."""
        with self.session(now) as session:
            is_recovering = session.home().get("recovery_mode") is True
        if is_recovering:
            yield RECOVERY_MODE.found(self._reason())

    def _reason(self) -> str:
        for name in LOGS:
            try:
                text = files.read_end(self.folder / name, LOG_END).decode(errors="replace")
            except Unavailable:
                continue
            if cause := reason(text):
                return cause
        return UNREADABLE


def reason(log: str) -> str:
    """Return the file, line and column that the last error about YAML names, else the last error.

    Empty if the log has no error.
    """
    lines = log.splitlines()
    fallback = ""
    for number in range(len(lines) - 1, -1, -1):
        log_entry = entry(lines[number])
        if log_entry is None or not log_entry.is_error:
            continue
        message = lines[number].partition("] ")[2].strip()
        places = PLACE.findall("\n".join(lines[number : number + NEXT_LINES]))
        if places:
            file, line, column = places[-1]
            return f"{file.removeprefix(FOLDER)}, line {line}, column {column}: {message}"
        fallback = fallback or message
    return fallback
