"""A simulated meter that supervisord runs: its dongle pushes a reading once per interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from dev.simulator.d2l_dongle import ClockAnswer
from hems.backoff_and_rate_limits import Backoff
from hems.errors import ProtocolError, Unavailable
from hems.worker_outage_log import Outage
from hems.worker_runtime import Context

RETRY_MIN_S, RETRY_MAX_S = 0.2, 30.0
SPOILT_EVERY, FIRST_SPOILT = 20, 3  # pushes
FAILING_SPOILT_EVERY = 5  # of a meter that fails
TALKS_S, SILENT_S = 300.0, 180.0  # in turn, of a meter that fails


class Pusher(Protocol):
    """A dongle, as far as a meter needs one."""

    def push(self, unix_time: int) -> ClockAnswer: ...
    def push_spoilt(self, unix_time: int) -> None: ...


@dataclass
class MeterProgram:
    """Pushes every `interval_s`, and after a failure with a growing delay.

    One of `spoilt_every` pushes is spoilt on purpose, so that the server refuses it; none if 0.
    A meter that `is_failing` falls silent, too, for SILENT_S after each TALKS_S.
    """

    name: str
    dongle: Pusher
    interval_s: float
    spoilt_every: int = 0
    is_failing: bool = False
    pushed: int = 0
    spoilt: int = 0

    def run(self, ctx: Context) -> None:
        """Push until stopped, whatever the server does; log only the changes."""
        outage = Outage("the D2L server")
        backoff = Backoff(RETRY_MIN_S, RETRY_MAX_S)
        delay = 0.0
        started = ctx.clock.monotonic()
        ctx.notify.ready()
        while not ctx.stop.wait(delay):
            if self._is_silent(ctx.clock.monotonic() - started):
                ctx.notify.status("silent on purpose")
                ctx.notify.alive()
                delay = self.interval_s
                continue
            try:
                status = self._push(int(ctx.clock.time()))
            except (Unavailable, ProtocolError) as error:
                outage.begin(str(error), ctx.clock.monotonic())
                ctx.notify.status(f"no answer: {error}")
                delay = backoff.fail()
            else:
                outage.end(ctx.clock.monotonic())
                ctx.notify.status(status)
                backoff.reset()
                delay = self.interval_s
            ctx.notify.alive()

    def _is_silent(self, age_s: float) -> bool:
        return self.is_failing and age_s % (TALKS_S + SILENT_S) >= TALKS_S

    def _push(self, unix_time: int) -> str:
        """Push once and return the status. Raises Unavailable or ProtocolError."""
        if self.spoilt_every and (self.pushed + 1) % self.spoilt_every == FIRST_SPOILT:
            self.dongle.push_spoilt(unix_time)
            self.spoilt += 1
            latency = ""
        else:
            answer = self.dongle.push(unix_time)
            latency = f", the last in {1000 * answer.latency_s:.1f} ms"
        self.pushed += 1
        spoilt = f", {self.spoilt} spoilt on purpose" if self.spoilt else ""
        return f"{self.pushed - self.spoilt} readings answered{latency}{spoilt}"
