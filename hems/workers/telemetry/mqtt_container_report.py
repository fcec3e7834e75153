"""Take what the container mqtt says about its broker: refused logins, devices that send too much.

services/mqtt/run_mosquitto.py publishes it, as one JSON object. The numbers of refused logins count
from its start.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress

import msgspec

from hems.protocols.gateway.problem_kinds import (
    MQTT_ANNOUNCEMENT_REFUSED,
    MQTT_DEVICE_SENDS_TOO_MUCH,
    MQTT_STORE_DAMAGED,
)
from hems.protocols.gateway.refusals_of_an_hour import RefusalsOfAnHour
from hems.supervision.worker.problem import ReportedProblem

DOOR = "MQTT"


class _Report(msgspec.Struct, frozen=True):
    """`refused_logins` by address; `shut_out` and `trimmed` are names of logins.

    `refused_announcements` has the newest reason by login.
    """

    refused_logins: dict[str, int]
    shut_out: tuple[str, ...]
    trimmed: tuple[str, ...]
    store_damaged_at: str | None
    refused_announcements: dict[str, str] = {}


DECODE = msgspec.json.Decoder(_Report).decode


class BrokerReport:
    """The newest report. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._report: _Report | None = None
        self._before: dict[str, int] = {}
        self._refused = RefusalsOfAnHour(DOOR)

    def take(self, payload: bytes, now: float) -> None:
        """Take a report; ignore what is none."""
        with suppress(msgspec.DecodeError):
            self._report = report = DECODE(payload)
            for address, count in report.refused_logins.items():
                before = self._before.get(address, 0)
                new = count - before if count >= before else count  # it has started again
                if new:
                    self._refused.add(address, now, new)
            self._before = report.refused_logins

    def forget(self) -> None:
        """Forget the report, but not the refused logins: the broker is away."""
        self._report = None

    def refused(self, now: float) -> Mapping[str, int]:
        """Return how many logins were refused in the hour before `now`, by door."""
        return {DOOR: self._refused.count(now)}

    def problems(self, now: float) -> Iterator[ReportedProblem]:
        """Yield the problems at `now`; "unknown" without a report."""
        yield from self._refused.problems(now)
        if self._report is None:
            yield MQTT_DEVICE_SENDS_TOO_MUCH.unknown()
            yield MQTT_ANNOUNCEMENT_REFUSED.unknown()
            yield MQTT_STORE_DAMAGED.unknown()
            return
        for login in self._report.shut_out:
            yield MQTT_DEVICE_SENDS_TOO_MUCH.found("it is shut out for ten minutes", login)
        for login in self._report.trimmed:
            if login not in self._report.shut_out:
                found = "the retained messages beyond its share are removed"
                yield MQTT_DEVICE_SENDS_TOO_MUCH.found(found, login)
        for login, reason in self._report.refused_announcements.items():
            yield MQTT_ANNOUNCEMENT_REFUSED.found(reason, login)
        if self._report.store_damaged_at:
            yield MQTT_STORE_DAMAGED.found(f"it was put aside at {self._report.store_damaged_at}")
