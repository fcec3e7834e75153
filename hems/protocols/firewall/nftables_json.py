"""Decode the nf_tables ruleset, and encode changes, in the JSON of libnftables-json(5).

    {"nftables": [{"chain": {"table", "name", "policy", …}},
                  {"rule": {"table", "chain", "handle", "comment", "expr": [EXPRESSION, …]}}]}

Our rules use only address prefixes, interface names, a TCP port, a counter and a verdict.
iptables-nft shows and saves these correctly in its own tables. It calls a table with `ct state`
incompatible, and shows a set as a rule that accepts everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from ipaddress import IPv4Network
from typing import Any

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

Json = dict[str, Any]

LIST: Json = {"list": {"ruleset": {"family": "ip"}}}
# The fields of PlainRule, in its order, but the verdict.
MATCHES: tuple[tuple[Json, str], ...] = (
    ({"payload": {"protocol": "ip", "field": "saddr"}}, "=="),
    ({"payload": {"protocol": "ip", "field": "daddr"}}, "=="),
    ({"meta": {"key": "iifname"}}, "=="),
    ({"meta": {"key": "oifname"}}, "=="),
    ({"meta": {"key": "iifname"}}, "!="),
    ({"payload": {"protocol": "tcp", "field": "dport"}}, "=="),
)
HARMLESS = {"match", "counter", "accept"}
VERDICTS = ([{ACCEPT: None}], [{DROP: None}], [{RETURN: None}])


def chains(document: object) -> list[FirewallChain]:
    """Return the chains of a listed ruleset of family ip.

    Raises ProtocolError when `document` has another format.
    """
    rules: dict[ChainId, list[FirewallRule]] = {}
    policies: dict[ChainId, str] = {}
    try:
        for entry in document["nftables"]:  # type: ignore[index] # see except TypeError
            if "chain" in entry:
                chain = entry["chain"]
                policies[ChainId(chain["table"], chain["name"])] = chain.get("policy", "")
            elif "rule" in entry:
                rule = entry["rule"]
                rules.setdefault(ChainId(rule["table"], rule["chain"]), []).append(_rule(rule))
    except (KeyError, TypeError) as error:
        raise ProtocolError(
            f"libnftables listed a ruleset in an unknown format: {error!r}"
        ) from None
    return [
        FirewallChain(place, policies[place], tuple(rules.get(place, ()))) for place in policies
    ]


def commands(changes: Iterable[ChainChange]) -> list[Json]:
    """Return the commands for `changes`, to be applied in one transaction."""
    encoded: list[Json] = []
    for change in changes:
        where = {"family": "ip", "table": change.place.table, "chain": change.place.chain}
        encoded += [{"delete": {"rule": where | {"handle": int(ref)}}} for ref in change.delete]
        for verb, rules in (("insert", reversed(change.insert)), ("add", change.append)):
            encoded += [
                {verb: {"rule": where | {"expr": _expressions(rule), "comment": COMMENT}}}
                for rule in rules
            ]
    return encoded


def _rule(rule: Json) -> FirewallRule:
    expressions = [expression for expression in rule["expr"] if not _is_comment(expression)]
    names = {name for expression in expressions for name in expression}
    return FirewallRule(
        reference=str(rule["handle"]),
        comment=rule.get("comment", ""),
        plain=_plain(expressions),
        is_diverting=bool(names - HARMLESS),
        is_dropping="drop" in names,
        is_returning=names - {"counter"} == {"return"},
    )


def _is_comment(expression: Json) -> bool:
    """Return whether this is a comment of iptables-nft; libnftables does not show its text."""
    xt = expression.get("xt")
    return xt is not None and xt["name"] == "comment"


def _plain(expressions: Sequence[Json]) -> PlainRule | None:
    """Return what the rule does, None if it matches or does anything else than ours."""
    matches = [expression["match"] for expression in expressions if "match" in expression]
    rest = [
        expression for expression in expressions if not {"match", "counter"} & expression.keys()
    ]
    known = [(match["left"], match["op"]) for match in matches]
    if rest not in VERDICTS or not all(one in MATCHES for one in known):
        return None
    values = {MATCHES.index(one): match["right"] for one, match in zip(known, matches, strict=True)}
    if len(values) != len(matches):
        return None
    source, destination = (_network(values[at]) if at in values else ANY for at in (0, 1))
    port = values.get(5, 0)
    if source is None or destination is None or not isinstance(port, int):  # a set, or a range
        return None
    (verdict,) = rest[0]
    inside, outside, other_than = (str(values.get(at, "")) for at in (2, 3, 4))
    return PlainRule(source, destination, inside, outside, other_than, port, verdict)


def _network(right: object) -> IPv4Network | None:
    """Return the network of a prefix, or of an address, which libnftables writes for a /32."""
    try:
        if isinstance(right, str):
            return IPv4Network(right)
        if isinstance(right, Mapping) and "prefix" in right:
            return IPv4Network((right["prefix"]["addr"], right["prefix"]["len"]))
    except ValueError:  # a name, or host bits: not our rule
        pass
    return None


def _expressions(rule: PlainRule) -> list[Json]:
    rights = (*map(_prefix, rule[:2]), *rule[2:-1])
    matches = [
        {"match": {"op": operator, "left": left, "right": right}}
        for (left, operator), right in zip(MATCHES, rights, strict=True)
        if right
    ]
    return [*matches, {"counter": None}, {rule.verdict: None}]


def _prefix(network: IPv4Network) -> str | Json:
    """Return the network as libnftables lists it: a /32 as an address, any as nothing."""
    if network == ANY:
        return ""
    address = str(network.network_address)
    if network.prefixlen == network.max_prefixlen:
        return address
    return {"prefix": {"addr": address, "len": network.prefixlen}}
