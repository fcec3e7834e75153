"""Keep the forwarding rules in one backend: read, compare, change only the difference, repeat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from loguru import logger

from hems.backoff_and_rate_limits import TokenBucket
from hems.errors import ProtocolError, Unavailable
from hems.protocols.firewall.docker_hotspot_rules import ForwardingRules, is_host_firewall_on
from hems.protocols.firewall.firewall_rule_types import ChainChange, ChainId, FirewallChain
from hems.worker_outage_log import Outage
from hems.worker_runtime import Context

ATTEMPTS = 5
PAUSE_S = 0.05  # other programs change rules too, in several steps
LAST_ATTEMPT_S = 3.0  # no attempt begins later: one that waits for a lock takes long itself

Plan = Callable[[ForwardingRules, Sequence[FirewallChain]], list[ChainChange]]


class FirewallBackend(Protocol):
    """One of the kernel's two packet filters: see hems.system.firewall."""

    name: str

    def chains(self) -> list[FirewallChain]: ...
    def apply(self, changes: Sequence[ChainChange]) -> None: ...


class RuleKeeper:
    """Keep the `wanted` rules in `backend`, or only check them; `wanted` may return others later.

    `slots`: for each chain that needs rules, whether they are in it. `is_in_fight`: another
    program keeps changing our rules, and `max_per_minute` limits the repairs. `is_host_closed`:
    balena's firewall of the host is on. `pause` waits between two attempts, for seconds.
    """

    def __init__(
        self,
        backend: FirewallBackend,
        wanted: Callable[[], ForwardingRules],
        max_per_minute: int,
        pause: Callable[[float], object],
        *,
        is_enforcing: bool,
    ) -> None:
        self.name = backend.name
        self.slots: dict[ChainId, bool] = {}
        self.repairs = 0
        self.is_in_fight = False
        self.is_host_closed = False
        self._pause = pause
        self._backend = backend
        self._wanted = wanted
        self._is_enforcing = is_enforcing
        self._repair_budget = TokenBucket(max_per_minute)
        self._outage = Outage(backend.name)

    @property
    def problem(self) -> str:
        """Return why the rules cannot be read or set, empty when they can."""
        return self._outage.reason

    def check(self, ctx: Context) -> None:
        """Correct the rules, and record in `slots` which are in place."""
        if self.is_in_fight and self._repair_budget.is_full(ctx.clock.monotonic()):
            self.is_in_fight = False
            logger.info("{}: no other program changes our rules any more", self.name)
        self._reconcile(ForwardingRules.plan, ctx)

    def remove_rules(self, ctx: Context) -> None:
        """Remove all our rules."""
        if self._is_enforcing:
            self._repair_budget = TokenBucket(ATTEMPTS)
            self._reconcile(ForwardingRules.removal, ctx)

    def _reconcile(self, plan: Plan, ctx: Context) -> None:
        now = ctx.clock.monotonic()
        try:
            self._apply_until_settled(plan, ctx)
        except (Unavailable, ProtocolError) as error:
            self.slots = dict.fromkeys(self.slots, False)
            self._outage.begin(str(error), now)
        else:
            self._outage.end(now)

    def _apply_until_settled(self, plan: Plan, ctx: Context) -> None:
        """Change rules until no change is left; a limited number of times, as others do so too."""
        failure, end = "", ctx.clock.monotonic() + LAST_ATTEMPT_S
        for _ in range(ATTEMPTS):
            wanted, chains = self._wanted(), self._backend.chains()
            changes = plan(wanted, chains)
            wrong = {change.place for change in changes}
            self.slots = {place: place not in wrong for place in wanted.slots(chains)}
            self.is_host_closed = is_host_firewall_on(chains)
            if not changes or not self._may_apply(ctx.clock.monotonic()):
                return
            failure = self._apply(changes)
            if ctx.clock.monotonic() >= end:
                break
        raise Unavailable(failure or f"the rules were set {ATTEMPTS} times and did not stay")

    def _may_apply(self, now: float) -> bool:
        if not self._is_enforcing:
            return False
        if self._repair_budget.take(now):
            return True
        if not self.is_in_fight:
            self.is_in_fight = True
            logger.warning(
                "{}: another program keeps changing our rules: repairing less often", self.name
            )
        return False

    def _apply(self, changes: Sequence[ChainChange]) -> str:
        """Make `changes`; return the error, empty if there is none.

        If a chain or a rule has disappeared since it was read, none of the changes is made.
        """
        try:
            self._backend.apply(changes)
        except Unavailable as error:
            self._pause(PAUSE_S)
            return str(error)
        self.repairs += 1
        level = "DEBUG" if self.is_in_fight else "INFO"
        for change in changes:
            inserted, deleted = len(change.added), len(change.delete)
            text = f"{inserted} inserted, {deleted} deleted"
            logger.log(level, "{} {}: {}", self.name, change.place, text)
        return ""
