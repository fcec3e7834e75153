"""iptables-init: keep the rules in place that let Docker's subnet and the hotspot's talk.

nf_tables tells of every change, and it is repaired at once. Legacy iptables tells nobody: its
rules are looked at after a change of a link or an address, which is when NetworkManager makes
its own; a chain that is flushed by hand is repaired at the next regular look (`period_s`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec
from loguru import logger

from hems.errors import Unavailable
from hems.protocols.passage import Passage
from hems.runtime import Context, Stop
from hems.settings.iptables_init import IptablesInit as Section
from hems.system.netlink import Topic
from hems.workers.iptables_init.figures import figures, status
from hems.workers.iptables_init.keeper import Backend, Keeper
from hems.workers.iptables_init.schedule import Schedule


class Notifications(Protocol):
    """What tells of changed rules, links and addresses."""

    def open(self) -> None: ...
    def wait(self, stop: Stop, timeout_s: float) -> set[Topic]: ...
    def close(self) -> None: ...


class IptablesInit:
    """The worker.

    `backends` are the packet filters, none without the right to see them; `is_forwarding`
    tells whether the kernel forwards from an interface and raises Unavailable without one;
    `beat_s` is how often the supervisor wants to hear of it, None for never.
    """

    name = "iptables-init"

    def __init__(
        self,
        settings: Section,
        backends: Sequence[Backend],
        notifications: Notifications,
        is_forwarding: Callable[[str], bool],
        beat_s: float | None,
    ) -> None:
        passage = Passage(settings.docker_network, settings.hotspot_network, settings.interface)
        self._settings = settings
        self._keepers = [
            Keeper(
                backend,
                passage,
                settings.max_repairs_per_minute,
                is_enforcing=settings.mode == "enforce",
            )
            for backend in backends
        ]
        self._notifications = notifications
        self._is_forwarding = is_forwarding
        self._period_s = min(settings.period_s, beat_s or settings.period_s)
        self._told = ""

    def run(self, ctx: Context) -> None:
        """Look, and look again whenever something has changed, until told to stop."""
        if self._keepers:
            self._notifications.open()
        self._look(ctx)
        ctx.notify.ready()
        schedule = Schedule(self._period_s, self._settings.debounce_s, ctx.clock.monotonic())
        while not ctx.stop.wait(0):
            wait_s = schedule.wait_s(ctx.clock.monotonic())
            heard = self._notifications.wait(ctx.stop, wait_s)
            now = ctx.clock.monotonic()
            schedule.hear(heard, now)
            if schedule.is_due(now):
                schedule.look(now)
                self._look(ctx)
                ctx.notify.alive()
        ctx.notify.stopping()
        for keeper in self._keepers:
            keeper.clear(ctx)
        self._notifications.close()

    def _look(self, ctx: Context) -> None:
        """Make the rules right and tell how things are; a log line when that changes."""
        for keeper in self._keepers:
            keeper.look(ctx)
        told = figures(self._keepers, self._settings.mode, self._forwarding())
        line = status(told, self._settings.interface)
        if line != self._told:
            logger.info(line)
            self._told = line
        ctx.notify.status(line)
        ctx.notify.state(msgspec.structs.asdict(told))

    def _forwarding(self) -> bool | None:
        try:
            return self._is_forwarding(self._settings.interface)
        except Unavailable:
            return None
