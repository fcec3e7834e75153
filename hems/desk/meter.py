"""Simulated meters: one that pushes for ever under supervision, and bin/meter's.

bin/meter pushes a number of readings to any D2L server and prints a line for each.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from hems.clients.outage import Outage
from hems.desk.dongle import Answer, Dongle
from hems.desk.launch import ROOT
from hems.errors import ConfigError, ProtocolError, Unavailable
from hems.protocols.linky import Mode
from hems.runtime import Context, SignalStop
from hems.settings import secrets
from hems.settings.problem import Problem
from hems.settings.secrets import D2lDevice, parse_device

RETRY_MIN_S, RETRY_MAX_S = 0.2, 30.0


class Pusher(Protocol):
    """A dongle, as far as a meter needs one."""

    def push(self, unix_time: int) -> Answer: ...


@dataclass
class Meter:
    """Pushes every `interval_s`; after a failure sooner, with a growing delay."""

    name: str
    dongle: Pusher
    interval_s: float
    answered: int = 0

    def run(self, ctx: Context) -> None:
        """Push until told to stop, whatever the server does; log its changes only."""
        outage = Outage("the D2L server")
        delay = retry = 0.0
        ctx.notify.ready()
        while not ctx.stop.wait(delay):
            try:
                answer = self.dongle.push(int(ctx.clock.time()))
            except (Unavailable, ProtocolError) as error:
                outage.begin(str(error), ctx.clock.monotonic())
                ctx.notify.status(f"no answer: {error}")
                retry = min(RETRY_MAX_S, max(RETRY_MIN_S, 2 * retry))
                delay = retry
            else:
                outage.end(ctx.clock.monotonic())
                self._report(answer, ctx)
                delay, retry = self.interval_s, 0.0
            ctx.notify.alive()

    def _report(self, answer: Answer, ctx: Context) -> None:
        self.answered += 1
        ctx.notify.status(
            f"{self.answered} readings answered, the last in {1000 * answer.latency_s:.1f} ms"
        )


def push(  # noqa: PLR0913 - bin/meter's options
    *,
    host: str,
    port: int,
    device_id: str | None,
    key: str | None,
    iv: str | None,
    mode: str,
    interval_s: float,
    count: int,
) -> int:
    """Push `count` readings, 0 for no end, a printed line each; return the exit code.

    Raises ConfigError for options that make no sense, Unavailable at the end if a frame
    was not answered as it should have been.
    """
    if interval_s <= 0 or count < 0:
        raise ConfigError(
            f"interval {interval_s:g} s, count {count}: expected more than 0 s and no less than 0"
        )
    dongle = Dongle((host, port), _device(device_id, key, iv), Mode(mode))
    stop = SignalStop()
    sent = failed = 0
    while True:
        line, is_answered = _push_once(dongle)
        print(line, flush=True)
        sent += 1
        failed += not is_answered
        if sent == count or stop.wait(interval_s):
            break
    if failed:
        raise Unavailable(f"{failed} of {sent} frames not answered as expected, see above")
    return 0


def _push_once(dongle: Dongle) -> tuple[str, bool]:
    try:
        answer = dongle.push(int(time.time()))
    except (Unavailable, ProtocolError) as error:
        return f"no answer: {error}", False
    clock = datetime.fromtimestamp(answer.clock, UTC)
    return f"answered in {1000 * answer.latency_s:.1f} ms, clock {clock:%Y-%m-%dT%H:%M:%SZ}", True


def _device(device_id: str | None, key: str | None, iv: str | None) -> D2lDevice:
    """Return the dongle of the options, or the first of D2L_DEVICES, or of the desk."""
    if device_id and key and iv:
        return parse_device(f"{device_id}:{key}:{iv}")
    if device_id or key or iv:
        raise ConfigError("--id, --key and --iv belong together: give all three or none")
    problems: list[Problem] = []
    listed = os.environ.get("D2L_DEVICES") or _desks_devices()
    devices = secrets.read({"D2L_DEVICES": listed}, problems).d2l_devices
    if problems or not devices:
        raise ConfigError(
            "; ".join(one.text for one in problems)
            or "give --id, --key and --iv, or set D2L_DEVICES"
        )
    return devices[0]


def _desks_devices() -> str:
    """Return the simulated dongles of the desk in this checkout, empty if there is none."""
    try:
        return (ROOT / ".hems" / "d2l-devices").read_text()
    except OSError:
        return ""
