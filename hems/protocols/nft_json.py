"""The ruleset of nf_tables as libnftables writes and reads it: libnftables-json(5).

    {"nftables": [{"chain": {"table", "name", "policy", …}},
                  {"rule": {"table", "chain", "handle", "comment", "expr": [EXPRESSION, …]}}]}

A rule of ours uses nothing but address prefixes, interface names, a counter and accept,
which iptables-nft shows and saves faithfully if the table is one of its own. It calls a
table with `ct state` incompatible, and shows a set as an accept of everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from ipaddress import IPv4Network
from typing import Any

from hems.errors import ProtocolError
from hems.protocols.firewall import COMMENT, Accept, Chain, Change, Place, Rule

Json = dict[str, Any]

LIST: Json = {"list": {"ruleset": {"family": "ip"}}}
# The fields of Accept, in its order.
LEFT: tuple[Json, ...] = (
    {"payload": {"protocol": "ip", "field": "saddr"}},
    {"payload": {"protocol": "ip", "field": "daddr"}},
    {"meta": {"key": "iifname"}},
    {"meta": {"key": "oifname"}},
)
HARMLESS = {"match", "counter", "accept"}


def chains(document: object) -> list[Chain]:
    """Return the chains of a listed ruleset of family ip.

    Raises ProtocolError when `document` has another shape.
    """
    rules: dict[Place, list[Rule]] = {}
    policies: dict[Place, str] = {}
    try:
        for entry in document["nftables"]:  # type: ignore[index] # a TypeError is told below
            if "chain" in entry:
                chain = entry["chain"]
                policies[Place(chain["table"], chain["name"])] = chain.get("policy", "")
            elif "rule" in entry:
                rule = entry["rule"]
                rules.setdefault(Place(rule["table"], rule["chain"]), []).append(_rule(rule))
    except (KeyError, TypeError) as error:
        raise ProtocolError(f"libnftables listed a ruleset of another shape: {error!r}") from None
    return [Chain(place, policies[place], tuple(rules.get(place, ()))) for place in policies]


def commands(changes: Iterable[Change]) -> list[Json]:
    """Return the commands that make `changes`, for one transaction."""
    found: list[Json] = []
    for change in changes:
        where = {"family": "ip", "table": change.place.table, "chain": change.place.chain}
        found += [{"delete": {"rule": where | {"handle": int(ref)}}} for ref in change.delete]
        found += [
            {"insert": {"rule": where | {"expr": _expressions(accept), "comment": COMMENT}}}
            for accept in change.insert
        ]
    return found


def _rule(rule: Json) -> Rule:
    expressions = [one for one in rule["expr"] if not _is_comment(one)]
    names = {name for expression in expressions for name in expression}
    return Rule(
        reference=str(rule["handle"]),
        comment=rule.get("comment", ""),
        accept=_accept(expressions),
        is_diverting=bool(names - HARMLESS),
        is_dropping="drop" in names,
    )


def _is_comment(expression: Json) -> bool:
    """Tell whether this is iptables-nft's comment, whose text libnftables does not show."""
    xt = expression.get("xt")
    return xt is not None and xt["name"] == "comment"


def _accept(expressions: Sequence[Json]) -> Accept | None:
    """Return what the rule accepts, None if it does or asks for anything else."""
    matches = [one["match"] for one in expressions if "match" in one]
    rest = [one for one in expressions if "match" not in one and "counter" not in one]
    if rest != [{"accept": None}] or not all(_is_plain(match) for match in matches):
        return None
    found = {LEFT.index(match["left"]): match["right"] for match in matches}
    if len(found) != len(matches) or not {0, 1} <= found.keys():
        return None
    source, destination = _network(found[0]), _network(found[1])
    if source is None or destination is None:
        return None
    return Accept(source, destination, str(found.get(2, "")), str(found.get(3, "")))


def _is_plain(match: Json) -> bool:
    return match["op"] == "==" and match["left"] in LEFT


def _network(right: object) -> IPv4Network | None:
    """Return the network of a prefix, or of an address, which is how a /32 is written."""
    try:
        if isinstance(right, str):
            return IPv4Network(right)
        if isinstance(right, Mapping) and "prefix" in right:
            return IPv4Network((right["prefix"]["addr"], right["prefix"]["len"]))
    except ValueError:  # a name, or host bits: none of ours
        pass
    return None


def _expressions(accept: Accept) -> list[Json]:
    rights = (*map(_prefix, accept[:2]), *accept[2:])
    matches = [
        {"match": {"op": "==", "left": left, "right": right}}
        for left, right in zip(LEFT, rights, strict=True)
        if right
    ]
    return [*matches, {"counter": None}, {"accept": None}]


def _prefix(network: IPv4Network) -> str | Json:
    """Return the network as libnftables lists it: a /32 as an address."""
    address = str(network.network_address)
    if network.prefixlen == network.max_prefixlen:
        return address
    return {"prefix": {"addr": address, "len": network.prefixlen}}
