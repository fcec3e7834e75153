"""The exit statuses of a process that could not be prepared for its program: systemd.exec(5)."""

from __future__ import annotations

from collections.abc import Mapping

STATUSES: Mapping[str, int] = {
    "CONFIG": 78,
    "CHDIR": 200,
    "NICE": 201,
    "EXEC": 203,
    "LIMITS": 205,
    "OOM_ADJUST": 206,
    "STDIN": 208,
    "USER": 217,
    "CAPABILITIES": 218,
    "NAMESPACE": 226,
    "NO_NEW_PRIVILEGES": 227,
    "CREDENTIALS": 243,
}
# What failed, by those statuses that a program itself seldom has.
PREPARATION_STEPS = {status: step for step, status in STATUSES.items() if status >= 200}
