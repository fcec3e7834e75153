"""Encode and decode the datagrams of sd_notify(3), by which workers report to the supervisor.

A datagram has lines of `KEY=value` in UTF-8, separated by line feeds:

    READY=1                  the start or reload is complete
    WATCHDOG=1               the worker is alive; WATCHDOG=trigger: end it as hanging
    STATUS=...               one line for people
    STOPPING=1, RELOADING=1  the worker begins to stop or to reload
    EXTEND_TIMEOUT_USEC=...  the current start or stop may take this much longer from now on
    WATCHDOG_USEC=...        WatchdogSec until the next start
    MAINPID=...              another process of the unit is its main process from now on
    ERRNO=...                why the worker fails, for the log: errno(3)
    FDSTORE=1                keep the descriptors of this datagram for the next start, under
                             FDNAME=...; FDSTOREREMOVE=1 with FDNAME=... closes them
    X_METRICS={...}       the worker's metrics as one JSON object (our own key, hence X_)
    X_PROBLEMS=[...]    all current problems of the worker, a JSON array of objects:
                             {"name": ..., "subject": ..., "found": ...}, see problem.py

Unknown keys are ignored, EXIT_STATUS among them, as systemd does. An empty datagram is valid.
MONOTONIC_USEC accompanies RELOADING. BARRIER=1 has no value: its sender waits until the receiver
closes its file descriptor.
"""

# NamedTuple would compile and keep the annotations if they were texts: no __future__ import here.

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from hems.supervision.worker import notification_values as fields
from hems.supervision.worker.notification_values import MAX_FOUND, MAX_NAME, MAX_PROBLEMS, one_line
from hems.supervision.worker.problem import ReportedProblem

MAX_SIZE = 16384  # bytes in a datagram; the longest valid one has about 13 kB

_FLAGS = {
    ("READY", "1"): "is_ready",
    ("WATCHDOG", "1"): "is_alive",
    ("WATCHDOG", "trigger"): "is_trigger",
    ("STOPPING", "1"): "is_stopping",
    ("RELOADING", "1"): "is_reloading",
    ("FDSTORE", "1"): "is_stored",
    ("FDSTOREREMOVE", "1"): "is_unstored",
    ("FDPOLL", "0"): "is_kept_unpolled",
}
_VALUES: Mapping[str, tuple[str, Callable[[str], object]]] = {
    "STATUS": ("status", one_line),
    "EXTEND_TIMEOUT_USEC": ("extension_s", fields.extension),
    "WATCHDOG_USEC": ("watchdog_s", fields.seconds),
    "MONOTONIC_USEC": ("monotonic_s", fields.seconds),
    "MAINPID": ("main_pid", fields.number),
    "ERRNO": ("errno", fields.number),
    "FDNAME": ("descriptor_name", fields.descriptor_name),
    "X_METRICS": ("metrics", fields.metrics),
    "X_PROBLEMS": ("problems", fields.problems),
}


class SdNotifyMessage(NamedTuple):
    """The content of one datagram.

    `metrics` is JSON in ASCII; `problems` is None if there is no such line; `ignored` has the
    malformed fields.
    """

    is_ready: bool = False
    is_alive: bool = False
    is_trigger: bool = False
    is_stopping: bool = False
    is_reloading: bool = False
    is_stored: bool = False
    is_unstored: bool = False
    is_kept_unpolled: bool = False
    status: str | None = None
    extension_s: float | None = None
    watchdog_s: float | None = None
    monotonic_s: float | None = None
    main_pid: int | None = None
    errno: int | None = None
    descriptor_name: str | None = None
    metrics: str | None = None
    problems: tuple[ReportedProblem, ...] | None = None
    ignored: tuple[str, ...] = ()


def decode(data: bytes) -> SdNotifyMessage:
    """Decode one datagram. Malformed fields are left out and listed in `ignored`.

    Raises ValueError for a datagram longer than MAX_SIZE bytes.
    """
    if len(data) > MAX_SIZE:
        raise ValueError(f"notification: found {len(data)} bytes, expected at most {MAX_SIZE}")
    fields: dict[str, object] = {}
    ignored = []
    for line in data.decode("utf-8", "replace").split("\n"):
        key, _, value = line.partition("=")
        try:
            fields.update(_field(key, value))
        except ValueError as error:
            ignored.append(f"{key}: {error}")
    return SdNotifyMessage(**fields, ignored=tuple(ignored))  # type: ignore[arg-type]


def encode(message: SdNotifyMessage) -> bytes:
    """Encode what a Python worker sends. Raises ValueError beyond MAX_SIZE bytes."""
    lines = [f"{key}={value}" for (key, value), flag in _FLAGS.items() if getattr(message, flag)]
    if message.extension_s is not None:
        lines.append(f"EXTEND_TIMEOUT_USEC={round(message.extension_s * 1e6)}")
    if message.status is not None:
        lines.append(f"STATUS={one_line(message.status)}")
    if message.metrics is not None:
        lines.append(f"X_METRICS={message.metrics}")
    if message.problems is not None:
        lines.append(f"X_PROBLEMS={_encode_problems(message.problems)}")
    data = "\n".join(lines).encode("utf-8", "replace")
    if len(data) > MAX_SIZE:
        raise ValueError(f"notification: found {len(data)} bytes, expected at most {MAX_SIZE}")
    return data


def _encode_problems(problems: Sequence[ReportedProblem]) -> str:
    """Return the JSON for X_PROBLEMS, in ASCII: as many problems as there is room for.

    The first one of each name comes before any second one, so that many of one name, whose subjects
    strangers may choose, hide none of another.
    """
    of_name = Counter[str]()
    ordered = []
    for problem in problems:
        ordered.append((of_name[problem.name], problem))
        of_name[problem.name] += 1
    text = "["
    for _, problem in sorted(ordered, key=lambda one: one[0]):
        found = None if problem.found is None else one_line(problem.found, MAX_FOUND)
        subject = one_line(problem.subject, MAX_NAME)
        fields = {"name": problem.name, "subject": subject, "found": found}
        entry = json.dumps(fields, separators=(",", ":"))
        if len(text) + len(entry) + 2 > MAX_PROBLEMS:
            break
        text += f"{',' if len(text) > 1 else ''}{entry}"
    return f"{text}]"


def _field(key: str, value: str) -> Mapping[str, object]:
    """Return the field of the message that this line sets, if any. Raises ValueError."""
    if flag := _FLAGS.get((key, value)):
        return {flag: True}
    if known := _VALUES.get(key):
        name, convert = known
        return {name: convert(value)}
    return {}
