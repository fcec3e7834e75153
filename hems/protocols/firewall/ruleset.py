"""The rules and chains of any packet filter as values, and changes to them.

`nftables_json` and `iptables_save` decode the machine's rulesets into these values, and encode
changes; `forwarding_rules` decides what to change.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import NamedTuple

# Of all our rules; only [a-z0-9-], because iptables-save quotes other characters.
COMMENT = "hems-iptables-init"


class ChainId(NamedTuple):
    """The names of a table and of a chain in it."""

    table: str
    chain: str

    def __str__(self) -> str:
        return f"{self.table}/{self.chain}"


class AcceptMatch(NamedTuple):
    """The packets that a rule accepts; an empty interface means any, port 0 every protocol."""

    source: IPv4Network
    destination: IPv4Network
    in_interface: str = ""
    out_interface: str = ""
    tcp_port: int = 0  # the destination's


@dataclass(frozen=True)
class FirewallRule:
    """One rule of a chain.

    `reference` deletes the rule: its handle or its text. `accept` is what it accepts, None if it
    does anything else. A diverting rule can keep a packet from the rules after it without
    accepting it; a dropping rule drops it; a returning rule ends its chain for every packet.
    """

    reference: str
    comment: str
    accept: AcceptMatch | None
    is_diverting: bool
    is_dropping: bool
    is_returning: bool = False


@dataclass(frozen=True)
class FirewallChain:
    """A chain; `policy` is accept or drop, empty if it is not a base chain."""

    place: ChainId
    policy: str
    rules: tuple[FirewallRule, ...]


@dataclass(frozen=True)
class ChainChange:
    """The rules to delete from a chain (references), then to insert at its top, at once."""

    place: ChainId
    delete: tuple[str, ...]
    insert: tuple[AcceptMatch, ...]
