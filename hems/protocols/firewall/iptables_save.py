"""Decode the text of iptables-save(8), and encode changes for iptables-restore --noflush(8).

*filter                    a table; COMMIT ends it
:FORWARD DROP [0:0]        a chain and its policy; - if it is not a base chain
-A FORWARD -s … -j ACCEPT  a rule, as arguments of iptables
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from ipaddress import IPv4Network
from itertools import pairwise

from hems.errors import ProtocolError
from hems.protocols.firewall.firewall_rule_types import (
    ACCEPT,
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

# The fields of PlainRule, in its order, but the port and the verdict.
OPTIONS = ("-s", "-d", "-i", "-o", "! -i")


def chains(text: str) -> list[FirewallChain]:
    """Return the chains of all tables in `text`. Raises ProtocolError for any other text."""
    table = ""
    policies: dict[ChainId, str] = {}
    rules: dict[ChainId, list[FirewallRule]] = {}
    for line in text.splitlines():
        if line.startswith("*"):
            table = line[1:]
        elif line.startswith(":"):
            name, _, rest = line[1:].partition(" ")
            policies[ChainId(table, name)] = rest.partition(" ")[0].lower().strip("-")
        elif line.startswith("-A "):
            name, _, rest = line[3:].partition(" ")
            rules.setdefault(ChainId(table, name), []).append(_rule(rest))
    if rules.keys() - policies.keys():
        strays = ", ".join(str(place) for place in rules.keys() - policies.keys())
        raise ProtocolError(f"iptables-save listed rules of unknown chains: {strays}")
    return [
        FirewallChain(place, policies[place], tuple(rules.get(place, ()))) for place in policies
    ]


def restore(changes: Iterable[ChainChange]) -> str:
    """Return the input of iptables-restore --noflush: one transaction for each table."""
    tables: dict[str, list[str]] = {}
    for change in changes:
        lines = tables.setdefault(change.place.table, [])
        chain = change.place.chain
        lines += [f"-D {chain} {text}" for text in change.delete]
        lines += [f"-I {chain} {_arguments(rule)}" for rule in reversed(change.insert)]
        lines += [f"-A {chain} {_arguments(rule)}" for rule in change.append]
    return "".join(
        "\n".join([f"*{table}", *lines, "COMMIT", ""]) for table, lines in tables.items()
    )


def _rule(text: str) -> FirewallRule:
    try:
        words = shlex.split(text.replace("! -i ", "'! -i' "))
    except ValueError:  # quotes that only iptables understands: not our rule
        words = []
    options = dict(pairwise(words))
    target = options.get("-j", "")
    return FirewallRule(
        reference=text,
        comment=options.get("--comment", ""),
        plain=_plain(words),
        is_diverting=target != "ACCEPT",
        is_dropping=target == "DROP",
        is_returning=words == ["-j", "RETURN"],
    )


def _plain(words: list[str]) -> PlainRule | None:
    """Return what the rule does, None if it matches or does anything else than ours."""
    pairs = list(pairwise(words))[::2]
    modules = {value for option, value in pairs if option == "-m"}
    matches = [pair for pair in pairs if pair[0] not in {"-m", "--comment"}]
    options = dict(matches)
    is_plain = len(words) == 2 * len(pairs) and len(options) == len(matches)
    verdict = options.pop("-j", "").lower()
    is_plain &= verdict in (ACCEPT, DROP, RETURN) and modules <= {"comment", "tcp"}
    try:
        port = _tcp_port(options, is_matched="tcp" in modules)
        source, destination = (IPv4Network(options.pop(one, str(ANY))) for one in OPTIONS[:2])
        inside, outside, other_than = (options.pop(one, "") for one in OPTIONS[2:])
        plain = PlainRule(source, destination, inside, outside, other_than, port, verdict)
    except ValueError:  # a range of ports, another protocol or no prefix
        return None
    return plain if is_plain and not options else None


def _tcp_port(options: dict[str, str], *, is_matched: bool) -> int:
    """Take the one TCP port of the destination out of `options`, 0 if the rule is for any packet.

    Raises ValueError for anything else.
    """
    protocol, port = options.pop("-p", ""), options.pop("--dport", "")
    if not (protocol or port or is_matched):
        return 0
    if protocol != "tcp" or not int(port):
        raise ValueError
    return int(port)


def _arguments(rule: PlainRule) -> str:
    """Return `rule` exactly as iptables-save prints it."""
    values = zip(OPTIONS, rule[: len(OPTIONS)], strict=True)
    matches = [f"{option} {value}" for option, value in values if value not in ("", ANY)]
    if rule.tcp_port:
        matches.append(f"-p tcp -m tcp --dport {rule.tcp_port}")
    return " ".join([*matches, f"-m comment --comment {COMMENT} -j {rule.verdict.upper()}"])
