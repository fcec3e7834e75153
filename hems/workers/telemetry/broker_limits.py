"""Find out from the broker's own statistics that it is at one of its limits.

A broker that drops messages loses readings, and one without connections or memory refuses clients.
A bridge whose central broker is away, as at night without a router, drops messages as well: then
dropped messages do not count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

from hems.protocols.gateway.problem_kinds import BROKER_AT_ITS_LIMIT
from hems.protocols.mqtt.broker_topics_and_limits import (
    BRIDGES,
    CLIENTS,
    DEVICE_CONNECTIONS,
    DROPPED,
    MEMORY,
    MEMORY_LIMIT,
)
from hems.supervision.worker.problem import ReportedProblem

NEAR = 0.95  # of a limit
COUNTS_S = 60.0  # for how long a dropped message counts
MIB = 1 << 20
BRIDGE = re.compile(re.escape(BRIDGES).replace(r"\+", "[^/]+"))


class BrokerLimits:
    """Collects the statistics and judges them. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._statistics: dict[str, int] = {}
        self._absent: set[str] = set()  # bridges without their central broker
        self._dropped_at: float | None = None

    def take(self, topic: str, payload: bytes, now: float) -> None:
        """Take a figure that the broker published; ignore anything else."""
        with suppress(ValueError):
            value = int(payload)
            if BRIDGE.fullmatch(topic):
                (self._absent.discard if value else self._absent.add)(topic)
                return
            if (
                topic == DROPPED
                and value > self._statistics.get(DROPPED, value)
                and not self._absent
            ):
                self._dropped_at = now
            self._statistics[topic] = value

    def forget(self) -> None:
        """Forget all statistics: the broker is away, and may start from zero."""
        self._statistics.clear()
        self._absent.clear()
        self._dropped_at = None

    def problems(self, now: float) -> Iterator[ReportedProblem]:
        """Yield the problem if there is one at `now`; "unknown" without statistics."""
        if not self._statistics:
            yield BROKER_AT_ITS_LIMIT.unknown()
        elif limits := list(self._limits(now)):
            yield BROKER_AT_ITS_LIMIT.found("; ".join(limits))

    def _limits(self, now: float) -> Iterator[str]:
        if self._dropped_at is not None and now - self._dropped_at < COUNTS_S:
            yield "it drops messages for clients that are too slow"
        if self._statistics.get(CLIENTS, 0) >= NEAR * DEVICE_CONNECTIONS:
            yield f"more than {NEAR:.0%} of its {DEVICE_CONNECTIONS} connections are in use"
        if self._statistics.get(MEMORY, 0) >= NEAR * MEMORY_LIMIT:
            yield f"more than {NEAR:.0%} of its {MEMORY_LIMIT / MIB:g} MiB of memory are in use"
