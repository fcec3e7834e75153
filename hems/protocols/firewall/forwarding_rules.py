"""Decide which rules connect Docker's subnet and the hotspot's, and open the host's D2L port.

Containers reach the hotspot's stations; stations reach nginx's doors, and nothing else of the
bridge. NetworkManager rejects packets from elsewhere to a shared interface, and Docker drops
packets from elsewhere to its bridges. A drop in any base chain is final, so every chain that drops
needs an accept rule (a slot). hems never creates a chain or a table.

    slot            chain, iptables of either kind      chain, native nf_tables
    NetworkManager  filter/nm-sh-fw-IF                  nm-shared-IF/filter_forward
    Docker          filter/DOCKER-USER, or FORWARD      docker-bridges/filter-FORWARD
                    without it, if its policy is drop
    Docker, raw     raw/PREROUTING                      docker-bridges/raw-PREROUTING
                    both only while they have a drop
    NetworkManager  nat/POSTROUTING, while there is     nm-shared-IF/nat_postrouting
                    filter/nm-sh-fw-IF
    balena's firewall of the host
                    filter/INPUT, while there is        the same
                    filter/BALENA-FIREWALL

NetworkManager's chain of iptables also accepts whatever stations send, so that Docker would not be
asked any more. A rule returns what is for the bridge: Docker accepts answers, by their state, and
published ports, as from every host, and drops the rest.

Without the rule for NAT a station would have the host's address, 172.18.4.1, at nginx and behind
it: one for all stations, and the one that is never banned.

HOST_FIREWALL_MODE `on` or `auto` refuses what nginx sends to the worker eesmart-d2l on the host.
balena's Supervisor flushes its own chain whenever it starts, but leaves our rule in INPUT alone.
The rule is there in mode `off` too, so that nothing is refused when the mode changes.
IPv6 needs no rules: NetworkManager's shared mode blocks nothing there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from itertools import takewhile

from hems.protocols.firewall.ruleset import (
    COMMENT,
    RETURN,
    ChainChange,
    ChainId,
    FirewallChain,
    FirewallRule,
    PlainRule,
)

DOCKER_USER = ChainId("filter", "DOCKER-USER")
FORWARD = ChainId("filter", "FORWARD")
NAT = ChainId("nat", "POSTROUTING")
INPUT, HOST_FIREWALL = ChainId("filter", "INPUT"), ChainId("filter", "BALENA-FIREWALL")
BRIDGES = ChainId("docker-bridges", "filter-FORWARD")
NONE: frozenset[PlainRule] = frozenset()
RAW = (ChainId("raw", "PREROUTING"), ChainId("docker-bridges", "raw-PREROUTING"))


@dataclass(frozen=True)
class ForwardingRules:
    """The rules that connect two subnets; `interface` is the hotspot's.

    `d2l_port` is the port of the host that Docker's subnet may reach. `nginx` is the network that
    has nginx's address only, and `doors` are its ports, for the hotspot.
    """

    docker: IPv4Network
    hotspot: IPv4Network
    interface: str
    d2l_port: int
    nginx: IPv4Network
    doors: tuple[int, ...]

    def slots(self, chains: Sequence[FirewallChain]) -> dict[ChainId, frozenset[PlainRule]]:
        """Return the rules that each of `chains` needs, by the chain's id."""
        by_place = {chain.place: chain for chain in chains}
        return {
            place: rules
            for place, rules in self._possible().items()
            if place in by_place and self._is_needed(by_place[place], by_place)
        }

    def plan(self, chains: Sequence[FirewallChain]) -> list[ChainChange]:
        """Return the changes that correct `chains`; none when they are correct.

        They are correct when each slot has its rules exactly once, before any other program's
        rule that could divert a packet, and no other rule is ours.
        """
        slots = self.slots(chains)
        return [
            change
            for chain in chains
            if (change := _change(chain, wanted := slots.get(chain.place, NONE), wanted))
        ]

    def removal(self, chains: Sequence[FirewallChain]) -> list[ChainChange]:
        """Return the changes that remove all our rules from `chains`."""
        slots = self.slots(chains)
        return [
            change
            for chain in chains
            if (change := _change(chain, NONE, slots.get(chain.place, NONE)))
        ]

    @property
    def _of_manager(self) -> ChainId:
        """Return the chain that NetworkManager has in iptables while there is a hotspot."""
        return ChainId("filter", f"nm-sh-fw-{self.interface}")

    def _possible(self) -> dict[ChainId, frozenset[PlainRule]]:
        """Return all slots that can exist, by chain id."""
        to_hotspot = PlainRule(self.docker, self.hotspot, out_interface=self.interface)
        unchanged = PlainRule(self.hotspot, self.docker)
        to_bridge = PlainRule(self.hotspot, self.docker, self.interface, verdict=RETURN)
        to_doors = {
            PlainRule(self.hotspot, self.nginx, self.interface, tcp_port=port)
            for port in self.doors
        }
        to_host = PlainRule(self.docker, self.docker, tcp_port=self.d2l_port)
        return {
            self._of_manager: frozenset({to_hotspot, to_bridge}),
            ChainId(f"nm-shared-{self.interface}", "filter_forward"): frozenset({to_hotspot}),
            **dict.fromkeys((DOCKER_USER, FORWARD, BRIDGES), frozenset({to_hotspot, *to_doors})),
            **dict.fromkeys(RAW, frozenset(to_doors)),
            ChainId(f"nm-shared-{self.interface}", "nat_postrouting"): frozenset({unchanged}),
            NAT: frozenset({unchanged}),
            INPUT: frozenset({to_host}),
        }

    def _is_needed(self, chain: FirewallChain, chains: Mapping[ChainId, FirewallChain]) -> bool:
        if chain.place in RAW:
            return any(rule.is_dropping and rule.comment != COMMENT for rule in chain.rules)
        if chain.place == NAT:
            return self._of_manager in chains
        if chain.place == FORWARD:
            return chain.policy == "drop" and DOCKER_USER not in chains
        return chain.place != INPUT or HOST_FIREWALL in chains


def is_host_firewall_on(chains: Sequence[FirewallChain]) -> bool:
    """Return whether balena's Supervisor closes the host: HOST_FIREWALL_MODE on or auto.

    In mode off its chain has a rule that returns before the one that rejects.
    """
    return any(
        any(rule.is_diverting for rule in chain.rules)
        and not any(rule.is_returning for rule in chain.rules)
        for chain in chains
        if chain.place == HOST_FIREWALL
    )


def _change(
    chain: FirewallChain, wanted: frozenset[PlainRule], known: frozenset[PlainRule]
) -> ChainChange | None:
    """Return the change that corrects `chain`, None if it is correct.

    It replaces all our rules or none, because duplicates are indistinguishable. A rule is ours if
    it has our comment. Another iptables loses the comment when it saves and restores the rules, so
    a rule without any comment is ours if it does what our rule does.
    """

    def is_ours(rule: FirewallRule) -> bool:
        return rule.comment == COMMENT or (not rule.comment and rule.plain in known)

    ours = [rule for rule in chain.rules if is_ours(rule)]
    front = takewhile(lambda rule: is_ours(rule) or not rule.is_diverting, chain.rules)
    in_place = {rule.plain for rule in front if is_ours(rule)}
    if len(ours) == len(wanted) and in_place == wanted:
        return None
    return ChainChange(chain.place, tuple(rule.reference for rule in ours), tuple(sorted(wanted)))
