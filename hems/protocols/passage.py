"""Which rules let Docker's subnet and the hotspot's reach each other, and where they stand.

NetworkManager rejects what comes to a shared interface from elsewhere, and Docker drops
what comes to its bridges from elsewhere. A drop in any base chain is final, so an accept
has to stand in every chain that drops (a slot); no chain and no table is ever made.

    slot            chain, iptables of either kind      chain, native nf_tables
    NetworkManager  filter/nm-sh-fw-IF                  nm-shared-IF/filter_forward
    Docker          filter/DOCKER-USER, or FORWARD      docker-bridges/filter-FORWARD
                    without it, if its policy is drop
    Docker, raw     raw/PREROUTING                      docker-bridges/raw-PREROUTING
                    both only while they have a drop

In IPv6 nothing is blocked: NetworkManager's shared mode makes no rules there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from itertools import takewhile

from hems.protocols.firewall import COMMENT, Accept, Chain, Change, Place, Rule

DOCKER_USER = Place("filter", "DOCKER-USER")
FORWARD = Place("filter", "FORWARD")
BRIDGES = Place("docker-bridges", "filter-FORWARD")
NONE: frozenset[Accept] = frozenset()
RAW = (Place("raw", "PREROUTING"), Place("docker-bridges", "raw-PREROUTING"))


@dataclass(frozen=True)
class Passage:
    """The two subnets that shall reach each other, and the hotspot's interface."""

    docker: IPv4Network
    hotspot: IPv4Network
    interface: str

    def slots(self, chains: Sequence[Chain]) -> dict[Place, frozenset[Accept]]:
        """Return what has to stand in which of `chains`."""
        by_place = {chain.place: chain for chain in chains}
        return {
            place: accepts
            for place, accepts in self._possible().items()
            if place in by_place and _is_needed(by_place[place], by_place)
        }

    def plan(self, chains: Sequence[Chain]) -> list[Change]:
        """Return what makes `chains` right; nothing when they are.

        They are right when each slot has its rules once, before any foreign rule that
        could divert, and no other rule is ours.
        """
        slots = self.slots(chains)
        return [
            change
            for chain in chains
            if (change := _change(chain, wanted := slots.get(chain.place, NONE), wanted))
        ]

    def removal(self, chains: Sequence[Chain]) -> list[Change]:
        """Return what takes every rule of ours out of `chains`."""
        own = self.slots(chains)
        return [
            change
            for chain in chains
            if (change := _change(chain, NONE, own.get(chain.place, NONE)))
        ]

    def _possible(self) -> dict[Place, frozenset[Accept]]:
        """Return every slot there could be."""
        to_hotspot = Accept(self.docker, self.hotspot, out_interface=self.interface)
        both = {Accept(self.docker, self.hotspot), Accept(self.hotspot, self.docker)}
        raw = Accept(self.hotspot, self.docker, in_interface=self.interface)
        return {
            Place("filter", f"nm-sh-fw-{self.interface}"): frozenset({to_hotspot}),
            Place(f"nm-shared-{self.interface}", "filter_forward"): frozenset({to_hotspot}),
            **dict.fromkeys((DOCKER_USER, FORWARD, BRIDGES), frozenset(both)),
            **dict.fromkeys(RAW, frozenset({raw})),
        }


def _is_needed(chain: Chain, chains: Mapping[Place, Chain]) -> bool:
    if chain.place in RAW:
        return any(rule.is_dropping and rule.comment != COMMENT for rule in chain.rules)
    if chain.place == FORWARD:
        return chain.policy == "drop" and DOCKER_USER not in chains
    return True


def _change(chain: Chain, wanted: frozenset[Accept], known: frozenset[Accept]) -> Change | None:
    """Return what makes `chain` right. All or nothing: a duplicate has no name of its own.

    A rule of ours is known by its comment, or by its structure where it shows none: nobody
    sees the comment any more once somebody's iptables has saved and restored the rules.
    """

    def is_own(rule: Rule) -> bool:
        return rule.comment == COMMENT or (not rule.comment and rule.accept in known)

    own = [rule for rule in chain.rules if is_own(rule)]
    front = takewhile(lambda rule: is_own(rule) or not rule.is_diverting, chain.rules)
    in_place = {rule.accept for rule in front if is_own(rule)}
    if len(own) == len(wanted) and in_place == wanted:
        return None
    return Change(chain.place, tuple(rule.reference for rule in own), tuple(sorted(wanted)))
