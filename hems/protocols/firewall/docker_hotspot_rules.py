"""Decide which rules connect Docker's subnet and the hotspot's, and keep everybody else out of it.

Containers reach the hotspot's stations; stations reach nginx's doors, and nothing else of the
bridge. NetworkManager rejects packets from elsewhere to a shared interface, and Docker drops
packets from elsewhere to its bridges. A drop in any base chain is final, so every chain that drops
needs an accept rule (a slot). hems never creates a chain or a table. The slots:

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
    the bridge's address
                    filter/INPUT                        the same
                    raw/PREROUTING, as above            docker-bridges/raw-PREROUTING
    the bridge, behind Docker's rules
                    filter/FORWARD with DOCKER-USER,
                    if its policy is accept

NetworkManager's chain of iptables also accepts whatever stations send, so that Docker would not be
asked any more. A rule returns what is for the bridge: Docker accepts answers, by their state, and
published ports, as from every host, and drops the rest.

Without the rule for NAT a station would have the host's address, 172.18.4.1, at nginx and behind
it: one for all stations, and the one that is never banned.

A host of the home's network can send packets for the bridge's subnet to the gateway. The last two
slots drop what comes from another interface than the bridge: nobody reaches the host's port of
eesmart-d2l, or a container, except through a published port of nginx. Packets to a published port
have another destination when they arrive, and Docker accepts them before the end of FORWARD. Docker
sets the policy drop, which does the same, unless the kernel already forwards when it starts; Docker
inserts its rules, so ours stay behind them. Where Docker 28 or later drops in raw, they do too.

HOST_FIREWALL_MODE `on` or `auto` refuses what nginx sends to the worker eesmart-d2l on the host.
balena's Supervisor flushes its own chain whenever it starts, but leaves our rule in INPUT alone.
The rule is there in mode `off` too, so that nothing is refused when the mode changes.
IPv6 needs no rules: NetworkManager's shared mode blocks nothing there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from itertools import takewhile

from hems.protocols.firewall.firewall_rule_types import (
    ANY,
    COMMENT,
    DROP,
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
LOOPBACK = "lo"
RAW = (ChainId("raw", "PREROUTING"), ChainId("docker-bridges", "raw-PREROUTING"))


@dataclass(frozen=True)
class Slot:
    """The rules that a chain needs, in their order: its first ones, or else its last ones."""

    rules: tuple[PlainRule, ...] = ()
    is_at_end: bool = False


@dataclass(frozen=True)
class ForwardingRules:
    """The rules that connect two subnets; `interface` is the hotspot's.

    `bridge` is the interface of Docker's subnet, empty while there is none. `d2l_port` is the port
    of the host that Docker's subnet may reach. `nginx` is the network that has nginx's address
    only, and `doors` are its ports, for the hotspot.
    """

    docker: IPv4Network
    hotspot: IPv4Network
    bridge: str
    interface: str
    d2l_port: int
    nginx: IPv4Network
    doors: tuple[int, ...]

    def slots(self, chains: Sequence[FirewallChain]) -> dict[ChainId, Slot]:
        """Return what each of `chains` needs, by the chain's id."""
        by_place = {chain.place: chain for chain in chains}
        return {
            place: slot
            for place, slot in self._possible(by_place).items()
            if slot.rules and place in by_place and self._is_needed(by_place[place], by_place)
        }

    def plan(self, chains: Sequence[FirewallChain]) -> list[ChainChange]:
        """Return the changes that correct `chains`; none when they are correct.

        They are correct when each slot has its rules exactly once, in their order and where they
        have an effect, and no other rule is ours.
        """
        slots = self.slots(chains)
        return [
            change
            for chain in chains
            if (change := _change(chain, wanted := slots.get(chain.place, Slot()), wanted))
        ]

    def removal(self, chains: Sequence[FirewallChain]) -> list[ChainChange]:
        """Return the changes that remove all our rules from `chains`."""
        slots = self.slots(chains)
        return [
            change
            for chain in chains
            if (change := _change(chain, Slot(), slots.get(chain.place, Slot())))
        ]

    @property
    def _of_manager(self) -> ChainId:
        """Return the chain that NetworkManager has in iptables while there is a hotspot."""
        return ChainId("filter", f"nm-sh-fw-{self.interface}")

    @property
    def _closing(self) -> tuple[PlainRule, ...]:
        """Return what drops all packets for the bridge that are not from there or of the host."""
        of_host = PlainRule(ANY, self.docker, LOOPBACK)
        others = PlainRule(ANY, self.docker, other_than=self.bridge, verdict=DROP)
        return (of_host, others) if self.bridge else ()

    def _possible(self, chains: Mapping[ChainId, FirewallChain]) -> dict[ChainId, Slot]:
        """Return all slots that can exist beside `chains`, by chain id."""
        to_hotspot = PlainRule(self.docker, self.hotspot, out_interface=self.interface)
        unchanged = Slot((PlainRule(self.hotspot, self.docker),))
        to_bridge = PlainRule(self.hotspot, self.docker, self.interface, verdict=RETURN)
        to_doors = [
            PlainRule(self.hotspot, self.nginx, self.interface, tcp_port=port)
            for port in self.doors
        ]
        to_host = PlainRule(self.docker, self.docker, tcp_port=self.d2l_port)
        docker = Slot((to_hotspot, *to_doors))
        return {
            self._of_manager: Slot((to_hotspot, to_bridge)),
            ChainId(f"nm-shared-{self.interface}", "filter_forward"): Slot((to_hotspot,)),
            **dict.fromkeys((DOCKER_USER, BRIDGES, FORWARD), docker),
            **({FORWARD: Slot(self._closing, is_at_end=True)} if DOCKER_USER in chains else {}),
            **dict.fromkeys(RAW, Slot((*to_doors, *self._closing))),
            ChainId(f"nm-shared-{self.interface}", "nat_postrouting"): unchanged,
            NAT: unchanged,
            INPUT: Slot((*self._closing, *([to_host] if HOST_FIREWALL in chains else []))),
        }

    def _is_needed(self, chain: FirewallChain, chains: Mapping[ChainId, FirewallChain]) -> bool:
        if chain.place in RAW:
            return any(rule.is_dropping and rule.comment != COMMENT for rule in chain.rules)
        if chain.place == NAT:
            return self._of_manager in chains
        if chain.place == FORWARD:
            return chain.policy == ("accept" if DOCKER_USER in chains else "drop")
        return True


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


def _change(chain: FirewallChain, wanted: Slot, known: Slot) -> ChainChange | None:
    """Return the change that corrects `chain`, None if it is correct.

    It replaces all our rules or none, because duplicates are indistinguishable. A rule is ours if
    it has our comment. Another iptables loses the comment when it saves and restores the rules, so
    a rule without any comment is ours if it does what our rule does.
    """

    def is_ours(rule: FirewallRule) -> bool:
        return rule.comment == COMMENT or (not rule.comment and rule.plain in known.rules)

    ours = [rule for rule in chain.rules if is_ours(rule)]
    if len(ours) == len(wanted.rules) and _effective(chain, wanted, is_ours) == wanted.rules:
        return None
    delete = tuple(rule.reference for rule in ours)
    if wanted.is_at_end:
        return ChainChange(chain.place, delete, (), wanted.rules)
    return ChainChange(chain.place, delete, wanted.rules)


def _effective(
    chain: FirewallChain, wanted: Slot, is_ours: Callable[[FirewallRule], bool]
) -> tuple[PlainRule | None, ...]:
    """Return those of our rules in `chain` that no other program's rule disables.

    At the beginning, rules that accept disable none of ours that accept too. One that drops has to
    be before them.
    """
    if wanted.is_at_end:
        last = list(takewhile(is_ours, reversed(chain.rules)))
        return tuple(rule.plain for rule in reversed(last))
    is_closing = any(rule.verdict == DROP for rule in wanted.rules)
    front = takewhile(
        lambda rule: is_ours(rule) or not (is_closing or rule.is_diverting), chain.rules
    )
    return tuple(rule.plain for rule in front if is_ours(rule))
