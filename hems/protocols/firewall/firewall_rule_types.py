"""The rules and chains of any packet filter as values, and changes to them.

`nftables_json` and `iptables_save` decode the machine's rulesets into these values, and encode
changes; `docker_hotspot_rules` decides what to change.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import NamedTuple

# Of all our rules; only [a-z0-9-], because iptables-save quotes other characters.
COMMENT = "hems-iptables-init"
ACCEPT, DROP = "accept", "drop"
RETURN = "return"  # the chain that jumped here decides
ANY = IPv4Network("0.0.0.0/0")


class ChainId(NamedTuple):
    """The names of a table and of a chain in it."""

    table: str
    chain: str

    def __str__(self) -> str:
        return f"{self.table}/{self.chain}"


class PlainRule(NamedTuple):
    """The packets that a rule matches, and what it does with them; our rules are of this kind.

    An empty interface means any, port 0 every protocol. `other_than` is the one interface whose
    packets do not match, empty for none.
    """

    source: IPv4Network
    destination: IPv4Network
    in_interface: str = ""
    out_interface: str = ""
    other_than: str = ""
    tcp_port: int = 0  # the destination's
    verdict: str = ACCEPT


@dataclass(frozen=True)
class FirewallRule:
    """One rule of a chain.

    `reference` deletes the rule: its handle or its text. `plain` is what it does, None if it is not
    plain. A diverting rule can keep a packet from the rules after it without
    accepting it; a dropping rule drops it; a returning rule ends its chain for every packet.
    """

    reference: str
    comment: str
    plain: PlainRule | None
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
    """The rules to delete from a chain (references), then to add, at once.

    `insert` are its first rules afterwards, `append` its last, both in this order.
    """

    place: ChainId
    delete: tuple[str, ...]
    insert: tuple[PlainRule, ...]
    append: tuple[PlainRule, ...] = ()

    @property
    def added(self) -> tuple[PlainRule, ...]:
        """Return all rules to add."""
        return self.insert + self.append
