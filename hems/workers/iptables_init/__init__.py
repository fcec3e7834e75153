"""iptables-init: keep the firewall rules between Docker's subnet and everybody else.

Containers reach the hotspot's stations; stations reach nginx's doors only, and so do hosts of the
home's network that send packets for Docker's subnet to the gateway.

The rules also let nginx reach eesmart-d2l on the host when balena's firewall of the host is on.

nf_tables notifies of every change, so the worker repairs its rules immediately. Legacy iptables
notifies of nothing: the worker checks its rules after a change of a link or an address, which is
when NetworkManager sets rules of its own; a chain that is flushed by hand is repaired by the next
regular check (`period_s`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import msgspec
from loguru import logger

from hems.errors import Unavailable
from hems.protocols.firewall.docker_hotspot_rules import ForwardingRules
from hems.settings.doors import DOORS, NGINX
from hems.settings.iptables_init import IptablesInitSettings
from hems.system.network.change_notifications import Notifications, Topic
from hems.worker_runtime import Context
from hems.workers.iptables_init.firewall_metrics import metrics, problems, status
from hems.workers.iptables_init.rule_keeper import FirewallBackend, RuleKeeper

# Checks after a link or an address has changed: legacy iptables does not notify of the rules
# that follow.
LATER_S = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0)


@dataclass(frozen=True)
class Kernel:
    """What the worker uses of the kernel.

    `backends` are the packet filters, none without the right to read them. `is_forwarding` returns
    whether the kernel forwards from an interface, and raises Unavailable without one.
    `interface_of` returns the interface that has an address of a network, empty without one.
    `sleep` pauses between two attempts: also after the stop, when the rules are removed.
    """

    backends: Sequence[FirewallBackend]
    notifications: Notifications
    is_forwarding: Callable[[str], bool]
    interface_of: Callable[[IPv4Network], str]
    sleep: Callable[[float], None]


class IptablesInit:
    """The worker; `d2l_port` is the host's port that nginx must reach.

    `beat_s` is how often the supervisor expects the worker to be alive, None for never.
    """

    name = "iptables-init"

    def __init__(
        self,
        settings: IptablesInitSettings,
        d2l_port: int,
        kernel: Kernel,
        beat_s: float | None,
    ) -> None:
        self._settings, self._d2l_port, self._interface_of = settings, d2l_port, kernel.interface_of
        limit, is_enforcing = settings.max_repairs_per_minute, settings.mode == "enforce"
        self._keepers = [
            RuleKeeper(backend, self._wanted, limit, kernel.sleep, is_enforcing=is_enforcing)
            for backend in kernel.backends
        ]
        self._notifications = kernel.notifications
        self._is_forwarding = kernel.is_forwarding
        self._period_s = min(settings.period_s, beat_s or settings.period_s)
        self._status = ""

    def run(self, ctx: Context) -> None:
        """Check the rules, and again after every change, until a stop is requested."""
        if self._keepers:
            self._notifications.open()
        self._check(ctx)
        ctx.notify.ready()
        schedule = CheckSchedule(self._period_s, self._settings.debounce_s, ctx.clock.monotonic())
        while not ctx.stop.wait(0):
            wait_s = schedule.wait_s(ctx.clock.monotonic())
            topics = self._notifications.wait(ctx.stop, wait_s)
            now = ctx.clock.monotonic()
            schedule.note_changes(topics, now)
            if schedule.is_due(now):
                schedule.note_check(now)
                self._check(ctx)
                ctx.notify.alive()
        ctx.notify.stopping()
        for keeper in self._keepers:
            keeper.remove_rules(ctx)
        self._notifications.close()

    def _check(self, ctx: Context) -> None:
        """Correct the rules and publish the metrics; log the status when it changes."""
        for keeper in self._keepers:
            keeper.check(ctx)
        current = metrics(self._keepers, self._settings.mode, self._forwarding())
        line = status(current, self._settings.interface)
        if line != self._status:
            logger.info(line)
            self._status = line
        ctx.notify.status(line)
        ctx.notify.metrics(msgspec.structs.asdict(current))
        ctx.notify.problems(problems(current))

    def _wanted(self) -> ForwardingRules:
        """Return the rules for the bridge that Docker has now; each new one has another name."""
        docker = self._settings.docker_network
        return ForwardingRules(
            docker,
            self._settings.hotspot_network,
            self._interface_of(docker),
            self._settings.interface,
            self._d2l_port,
            NGINX,
            tuple(door.port for door in DOORS),
        )

    def _forwarding(self) -> bool | None:
        try:
            return self._is_forwarding(self._settings.interface)
        except Unavailable:
            return None


class CheckSchedule:
    """When to check the rules: soon after a change, and once a period. Times are monotonic s.

    The check comes `debounce_s` after the first notification, however many follow it: a stream
    of them neither delays the check nor causes more checks.
    """

    def __init__(self, period_s: float, debounce_s: float, now: float) -> None:
        """Begin after a check at `now`."""
        self._period_s = period_s
        self._debounce_s = debounce_s
        self._due = [now + period_s]

    def wait_s(self, now: float) -> float:
        """Return the seconds until the next check; 0 when it is due."""
        return max(0.0, min(self._due) - now)

    def is_due(self, now: float) -> bool:
        """Return whether it is time for a check."""
        return min(self._due) <= now

    def note_changes(self, topics: set[Topic], now: float) -> None:
        """Record notifications of `topics` at `now`."""
        first = min([*self._due, now + self._debounce_s])
        if Topic.LINKS in topics:
            self._due = [first, *(now + later_s for later_s in LATER_S)]
        elif topics:
            self._due = [first, *(due for due in self._due if due > first)]

    def note_check(self, now: float) -> None:
        """Record that a check begins at `now`."""
        self._due = [due for due in self._due if due > now] or [now + self._period_s]
