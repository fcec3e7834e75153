"""Keep the rules in one backend: look, compare, change only the difference, look again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from loguru import logger

from hems.clients.outage import Outage
from hems.errors import ProtocolError, Unavailable
from hems.protocols.firewall import Chain, Change, Place
from hems.protocols.passage import Passage
from hems.runtime import Context
from hems.workers.iptables_init.allowance import Allowance

ATTEMPTS = 5
PAUSE_S = 0.05  # others change rules too, in steps
SETTLE_S = 3.0  # no attempt begins later: one that waits for a lock is long itself

Plan = Callable[[Sequence[Chain]], list[Change]]


class Backend(Protocol):
    """One of the kernel's two packet filters."""

    name: str

    def chains(self) -> list[Chain]: ...
    def apply(self, changes: Sequence[Change]) -> None: ...


class Keeper:
    """Keeps `passage` open in `backend`, or only looks at it."""

    def __init__(
        self, backend: Backend, passage: Passage, max_per_minute: int, *, is_enforcing: bool
    ) -> None:
        self.name = backend.name
        self.slots: dict[Place, bool] = {}  # whether each that exists has its rules
        self.repairs = 0
        self.is_in_fight = False
        self._backend = backend
        self._passage = passage
        self._is_enforcing = is_enforcing
        self._allowance = Allowance(max_per_minute)
        self._outage = Outage(backend.name)

    @property
    def problem(self) -> str:
        """Return why the rules cannot be seen or set, empty when they can."""
        return self._outage.reason

    def look(self, ctx: Context) -> None:
        """Make the rules right and note in `slots` what is."""
        if self.is_in_fight and self._allowance.is_full(ctx.clock.monotonic()):
            self.is_in_fight = False
            logger.info("{}: nobody changes our rules any more", self.name)
        self._try(self._passage.plan, ctx)

    def clear(self, ctx: Context) -> None:
        """Take our rules out again."""
        if self._is_enforcing:
            self._allowance = Allowance(ATTEMPTS)
            self._try(self._passage.removal, ctx)

    def _try(self, plan: Plan, ctx: Context) -> None:
        now = ctx.clock.monotonic()
        try:
            self._settle(plan, ctx)
        except (Unavailable, ProtocolError) as error:
            self.slots = dict.fromkeys(self.slots, False)
            self._outage.begin(str(error), now)
        else:
            self._outage.end(now)

    def _settle(self, plan: Plan, ctx: Context) -> None:
        """Change rules until nothing is left to change; bounded, as others change them too."""
        failure, end = "", ctx.clock.monotonic() + SETTLE_S
        for _ in range(ATTEMPTS):
            chains = self._backend.chains()
            changes = plan(chains)
            self._note(chains, changes)
            if not changes or not self._may_apply(ctx.clock.monotonic()):
                return
            failure = self._apply(changes, ctx)
            if ctx.clock.monotonic() >= end:
                break
        raise Unavailable(failure or f"the rules were set {ATTEMPTS} times and did not stay")

    def _note(self, chains: Sequence[Chain], changes: Sequence[Change]) -> None:
        wrong = {change.place for change in changes}
        self.slots = {place: place not in wrong for place in self._passage.slots(chains)}

    def _may_apply(self, now: float) -> bool:
        if not self._is_enforcing:
            return False
        if self._allowance.spend(now):
            return True
        if not self.is_in_fight:
            self.is_in_fight = True
            logger.warning("{}: somebody keeps changing our rules: repairing less often", self.name)
        return False

    def _apply(self, changes: Sequence[Change], ctx: Context) -> str:
        """Make `changes`; return why not, empty if they were made.

        A chain or a rule that has gone since the look makes all of them fail.
        """
        try:
            self._backend.apply(changes)
        except Unavailable as error:
            ctx.stop.wait(PAUSE_S)
            return str(error)
        self.repairs += 1
        for change in changes:
            level = "DEBUG" if self.is_in_fight else "INFO"
            gone, new = len(change.delete), len(change.insert)
            logger.log(level, "{} {}: {} inserted, {} deleted", self.name, change.place, new, gone)
        return ""
