"""Rules and chains of a packet filter, whichever one it is, and changes of them.

`nft_json` and `iptables_save` turn the machine's rulesets into these values, and changes
into what the machine understands; `passage` decides what has to change.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import NamedTuple

COMMENT = "hems-iptables-init"  # of every rule of ours; [a-z0-9-], as iptables-save quotes the rest


class Place(NamedTuple):
    """A chain's name in its table's."""

    table: str
    chain: str

    def __str__(self) -> str:
        return f"{self.table}/{self.chain}"


class Accept(NamedTuple):
    """What a rule that accepts matches; an empty interface is any."""

    source: IPv4Network
    destination: IPv4Network
    in_interface: str = ""
    out_interface: str = ""


@dataclass(frozen=True)
class Rule:
    """One rule of a chain.

    `reference` is what deletes it: its handle or its text. `accept` is what it accepts, if
    it does nothing else. A diverting rule can keep a packet from the rules behind it
    otherwise than by accepting it; a dropping one drops.
    """

    reference: str
    comment: str
    accept: Accept | None
    is_diverting: bool
    is_dropping: bool


@dataclass(frozen=True)
class Chain:
    """A chain; `policy` is accept or drop, empty if it is no base chain."""

    place: Place
    policy: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Change:
    """What to delete from a chain (references) and then to insert on its top, in one go."""

    place: Place
    delete: tuple[str, ...]
    insert: tuple[Accept, ...]
