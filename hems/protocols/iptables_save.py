"""The text of iptables-save(8), and the text that iptables-restore --noflush(8) applies.

*filter                    a table; COMMIT ends it
:FORWARD DROP [0:0]        a chain and its policy, - if it is no base chain
-A FORWARD -s … -j ACCEPT  a rule, as arguments of iptables
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from ipaddress import IPv4Network
from itertools import pairwise

from hems.errors import ProtocolError
from hems.protocols.firewall import COMMENT, Accept, Chain, Change, Place, Rule

# The fields of Accept, in its order.
OPTIONS = ("-s", "-d", "-i", "-o")


def chains(text: str) -> list[Chain]:
    """Return the chains of all tables in `text`. Raises ProtocolError if it is something else."""
    table = ""
    policies: dict[Place, str] = {}
    rules: dict[Place, list[Rule]] = {}
    for line in text.splitlines():
        if line.startswith("*"):
            table = line[1:]
        elif line.startswith(":"):
            name, _, rest = line[1:].partition(" ")
            policies[Place(table, name)] = rest.partition(" ")[0].lower().strip("-")
        elif line.startswith("-A "):
            name, _, rest = line[3:].partition(" ")
            rules.setdefault(Place(table, name), []).append(_rule(rest))
    if rules.keys() - policies.keys():
        strays = ", ".join(str(place) for place in rules.keys() - policies.keys())
        raise ProtocolError(f"iptables-save listed rules of chains that it does not have: {strays}")
    return [Chain(place, policies[place], tuple(rules.get(place, ()))) for place in policies]


def restore(changes: Iterable[Change]) -> str:
    """Return the input of iptables-restore --noflush: one transaction for each table."""
    tables: dict[str, list[str]] = {}
    for change in changes:
        lines = tables.setdefault(change.place.table, [])
        chain = change.place.chain
        lines += [f"-D {chain} {text}" for text in change.delete]
        lines += [f"-I {chain} {_arguments(accept)}" for accept in change.insert]
    return "".join(
        "\n".join([f"*{table}", *lines, "COMMIT", ""]) for table, lines in tables.items()
    )


def _rule(text: str) -> Rule:
    try:
        words = shlex.split(text)
    except ValueError:  # quotes that only iptables understands: none of ours
        words = []
    options = dict(pairwise(words))
    target = options.get("-j", "")
    return Rule(
        reference=text,
        comment=options.get("--comment", ""),
        accept=_accept(words),
        is_diverting=target != "ACCEPT",
        is_dropping=target == "DROP",
    )


def _accept(words: list[str]) -> Accept | None:
    """Return what the rule accepts, None if it does or asks for anything else."""
    found = dict(zip(words[::2], words[1::2], strict=False))
    if len(words) != 2 * len(found) or found.pop("-j", "") != "ACCEPT":
        return None
    if found.pop("-m", "comment") != "comment":
        return None
    found.pop("--comment", "")
    if not {"-s", "-d"} <= found.keys() <= set(OPTIONS):
        return None
    try:
        networks = IPv4Network(found["-s"]), IPv4Network(found["-d"])
    except ValueError:  # a mask that is no prefix
        return None
    return Accept(*networks, found.get("-i", ""), found.get("-o", ""))


def _arguments(accept: Accept) -> str:
    """Return `accept` word for word as iptables-save prints it."""
    values = zip(OPTIONS, map(str, accept), strict=True)
    matches = [f"{option} {value}" for option, value in values if value]
    return " ".join([*matches, f"-m comment --comment {COMMENT} -j ACCEPT"])
