"""A packet filter in memory: it changes all or nothing, and makes no chain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import count

from hems.errors import Unavailable
from hems.protocols.firewall.firewall_rule_types import (
    COMMENT,
    ChainChange,
    ChainId,
    FirewallChain,
    FirewallRule,
    PlainRule,
)


class FakeNetfilter:
    """Implements the worker's Backend. `failures` are raised by the next calls of apply."""

    def __init__(self, chains: Iterable[FirewallChain] = (), name: str = "fake") -> None:
        self.name = name
        self.failures: list[str] = []
        self.applied: list[list[ChainChange]] = []
        self.chains_by_place = {chain.place: chain for chain in chains}
        self._numbers = count(1001)

    def chains(self) -> list[FirewallChain]:
        return list(self.chains_by_place.values())

    def apply(self, changes: Sequence[ChainChange]) -> None:
        if self.failures:
            raise Unavailable(self.failures.pop(0))
        chains = dict(self.chains_by_place)
        for change in changes:
            if change.place not in chains:
                raise Unavailable(f"{change.place}: No such file or directory")
            chains[change.place] = self._changed(chains[change.place], change)
        self.chains_by_place = chains
        self.applied.append(list(changes))

    def put(self, place: ChainId, *rules: FirewallRule, policy: str = "") -> None:
        """Create the chain again, as its owner does."""
        self.chains_by_place[place] = FirewallChain(place, policy, rules)

    def rules(self, place: ChainId) -> tuple[FirewallRule, ...]:
        return self.chains_by_place[place].rules

    def _changed(self, chain: FirewallChain, change: ChainChange) -> FirewallChain:
        rules = list(chain.rules)
        for reference in change.delete:
            matching = [rule for rule in rules if rule.reference == reference]
            if not matching:
                raise Unavailable(f"{change.place}: no rule {reference}")
            rules.remove(matching[0])
        first, last = (
            tuple(own(rule, str(next(self._numbers))) for rule in added)
            for added in (change.insert, change.append)
        )
        return replace(chain, rules=(*first, *rules, *last))


def own(accept: PlainRule | None, reference: str = "1", comment: str = COMMENT) -> FirewallRule:
    return FirewallRule(reference, comment, accept, is_diverting=False, is_dropping=False)


def foreign(
    reference: str = "2", *, is_diverting: bool = True, is_dropping: bool = False
) -> FirewallRule:
    return FirewallRule(reference, "", None, is_diverting=is_diverting, is_dropping=is_dropping)
