"""The watchdog's rounds: every check once, then what was found is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from hems.clients.outage import Outage
from hems.errors import ProtocolError, Unavailable
from hems.protocols import watchdog_state
from hems.runtime import Context, Guarded, Step, every
from hems.system import files
from hems.workers.watchdog import figures
from hems.workers.watchdog.internet import InternetCheck
from hems.workers.watchdog.restart_log import RestartLog
from hems.workers.watchdog.services import ServiceCheck


@dataclass
class Rounds:
    """The internet first: what it finds is what others wait for.

    `state_file` is where the state for the other workers goes.
    """

    internet: InternetCheck
    services: Sequence[ServiceCheck]
    others: Sequence[Step]
    journal: RestartLog
    state_file: Path
    period_s: float
    _outage: Outage = field(init=False)

    def __post_init__(self) -> None:
        self._outage = Outage(str(self.state_file))
        self._checks = [Guarded(one) for one in (self.internet, *self.others, *self.services)]

    def run(self, ctx: Context) -> None:
        """Go round until told to stop."""
        self._resume(ctx.clock.monotonic())
        ctx.notify.ready()
        for _ in every(self.period_s, ctx):
            self._round(ctx)

    def _round(self, ctx: Context) -> None:
        """Alive after each check: one may take action_timeout_s, all of them much longer."""
        for check in self._checks:
            check.step(ctx.clock.monotonic())
            ctx.notify.alive()
            if ctx.stop.wait(0):
                return
        self._tell(ctx)

    def _tell(self, ctx: Context) -> None:
        now = ctx.clock.monotonic()
        is_writable = self.journal.is_writable
        told = figures.state(
            self.internet, self.services, now, self.period_s, is_writable=is_writable
        )
        if told is None:
            return
        try:
            files.replace(self.state_file, watchdog_state.encode(told))
        except Unavailable as error:
            self._outage.begin(str(error), now)
        else:
            self._outage.end(now)
        has_supervisor = self.internet.supervisor is not None
        shown = figures.figures(
            told, self._checks, self.journal.last, has_supervisor=has_supervisor
        )
        ctx.notify.status(figures.status(shown))
        ctx.notify.state(msgspec.structs.asdict(shown))

    def _resume(self, now: float) -> None:
        """Go on with what was told before this process: its end changes nothing out there.

        Restarts are not forgotten however long it was away, unless the machine has rebooted:
        a watchdog that hangs and is killed must not restart a service for ever.
        """
        try:
            told = watchdog_state.decode(self.state_file.read_bytes())
        except (OSError, ProtocolError):
            return
        self.internet.history.resume(told, now)
        if told.written_at <= now:
            for one in self.services:
                is_given_up = one.name in told.given_up
                one.health.resume(told.restarts.get(one.name, 0), is_given_up=is_given_up)
