"""Decode reports that one process writes for others: a JSON file on tmpfs, replaced as a whole.

A reader sees an old report or a new one, never a part. The file outlives a writer that has died
or hangs, so each report has the CLOCK_MONOTONIC time (s) at which it was written; all processes
of a machine share that clock.
"""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

from hems.errors import Unavailable
from hems.protocols.json_decoding import decode_json


class Report(Protocol):
    """A report with the time at which it was written, and for how long (s) it is valid."""

    @property
    def written_at(self) -> float: ...
    @property
    def valid_s(self) -> float: ...


T = TypeVar("T", bound=Report)


class ReportDecoder(Generic[T]):
    """Decode reports of one `kind`; errors call them `name`."""

    def __init__(self, kind: type[T], name: str) -> None:
        self._kind = kind
        self._name = name

    def decode(self, data: bytes) -> T:
        """Return the report in `data`, whatever its age. Raises ProtocolError for anything else."""
        return decode_json(data, self._kind, self._name)

    def fresh(self, data: bytes, now: float) -> T:
        """Return the report in `data` if it is fresh at monotonic `now` (s).

        Raises ProtocolError when it is not such a report, Unavailable when it is not fresh. The
        message has no age: it stays the same until the next report, so it is logged only once.
        """
        report = self.decode(data)
        if report.written_at > now:
            raise Unavailable(f"{self._name} is from before the reboot")
        if not is_fresh(report, now):
            raise Unavailable(f"{self._name} is older than {report.valid_s:g} s")
        return report


def is_fresh(report: Report, now: float) -> bool:
    """Return whether `report` is valid at monotonic `now` (s).

    A report from after `now` is from before a reboot, which restarts the clock.
    """
    return 0 <= now - report.written_at <= report.valid_s
