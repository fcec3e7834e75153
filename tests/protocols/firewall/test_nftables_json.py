"""The JSON below was listed by libnftables 1.0.6, tables made by iptables-nft and natively."""

import json
from ipaddress import IPv4Network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.errors import ProtocolError
from hems.protocols.firewall.firewall_rule_types import (
    ANY,
    COMMENT,
    DROP,
    ChainChange,
    ChainId,
    FirewallChain,
    PlainRule,
)
from hems.protocols.firewall.nftables_json import chains, commands

DOCKER, HOTSPOT = IPv4Network("172.18.4.0/24"), IPv4Network("10.42.0.0/24")
USER = ChainId("filter", "DOCKER-USER")
COUNTER = {"counter": {"packets": 3, "bytes": 180}}
FROM_DOCKER = json.loads(
    '{"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}},'
    ' "right": {"prefix": {"addr": "172.18.4.0", "len": 24}}}}'
)
TO_HOTSPOT = json.loads(
    '{"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "daddr"}},'
    ' "right": {"prefix": {"addr": "10.42.0.0", "len": 24}}}}'
)
OUT_WLAN = {"match": {"op": "==", "left": {"meta": {"key": "oifname"}}, "right": "wlan0"}}
CONNTRACK = {"xt": {"type": "match", "name": "conntrack"}}
HIDDEN_COMMENT = {"xt": {"type": "match", "name": "comment"}}
REJECT = {"xt": {"type": "target", "name": "REJECT"}}
ACCEPT: dict[str, Any] = {"accept": None}


def listed(*rules: list[dict[str, Any]], comment: str | None = None) -> FirewallChain:
    """Return DOCKER-USER as parsed from a ruleset with these rules in it."""
    entries: list[dict[str, Any]] = [
        {"metainfo": {"version": "1.0.6", "json_schema_version": 1}},
        {"table": {"family": "ip", "name": "filter", "handle": 1}},
        {"chain": {"family": "ip", "table": "filter", "name": "DOCKER-USER", "handle": 1}},
    ]
    for handle, expressions in enumerate(rules, 7):
        rule = {"table": "filter", "chain": "DOCKER-USER", "handle": handle, "expr": expressions}
        entries.append({"rule": rule | ({"comment": comment} if comment else {})})
    (chain,) = chains({"nftables": entries})
    return chain


def test_a_base_chain_has_a_policy_and_others_have_none() -> None:
    listed_chains = chains(
        {
            "nftables": [
                {"chain": {"table": "filter", "name": "FORWARD", "handle": 3, "policy": "drop"}},
                {"chain": {"table": "filter", "name": "DOCKER-USER", "handle": 1}},
            ]
        }
    )
    assert [(chain.place.chain, chain.policy) for chain in listed_chains] == [
        ("FORWARD", "drop"),
        ("DOCKER-USER", ""),
    ]


def test_rules_keep_their_order_and_their_handles() -> None:
    chain = listed([COUNTER, {"return": None}], [ACCEPT])
    assert [rule.reference for rule in chain.rules] == ["7", "8"]


@pytest.mark.parametrize("order", [[FROM_DOCKER, TO_HOTSPOT], [TO_HOTSPOT, FROM_DOCKER]])
def test_a_plain_accept_is_understood_in_any_order(order: list[dict[str, Any]]) -> None:
    (rule,) = listed([OUT_WLAN, *order, COUNTER, ACCEPT], comment=COMMENT).rules
    assert rule.plain == PlainRule(DOCKER, HOTSPOT, out_interface="wlan0")
    assert (rule.comment, rule.is_diverting) == (COMMENT, False)


def test_a_comment_that_iptables_hides_does_not_matter() -> None:
    (rule,) = listed([FROM_DOCKER, TO_HOTSPOT, HIDDEN_COMMENT, COUNTER, ACCEPT]).rules
    assert rule.plain == PlainRule(DOCKER, HOTSPOT)
    assert not rule.is_diverting


@pytest.mark.parametrize(
    "expressions",
    [
        [FROM_DOCKER, TO_HOTSPOT, CONNTRACK, ACCEPT],
        [FROM_DOCKER, TO_HOTSPOT, REJECT],
        [FROM_DOCKER, TO_HOTSPOT],
        [FROM_DOCKER, FROM_DOCKER, TO_HOTSPOT, ACCEPT],
        [{"match": FROM_DOCKER["match"] | {"op": "!="}}, TO_HOTSPOT, ACCEPT],
        [{"match": FROM_DOCKER["match"] | {"right": {"set": ["10.0.0.1"]}}}, TO_HOTSPOT, ACCEPT],
        [{"match": FROM_DOCKER["match"] | {"right": "@hosts"}}, TO_HOTSPOT, ACCEPT],
    ],
)
def test_a_rule_that_asks_for_more_or_less_is_no_plain_accept(
    expressions: list[dict[str, Any]],
) -> None:
    (rule,) = listed(expressions).rules
    assert rule.plain is None


@pytest.mark.parametrize(
    "expression",
    [
        {"drop": None},
        {"return": None},
        {"jump": {"target": "DOCKER"}},
        {"goto": {"target": "DOCKER"}},
        {"reject": {"type": "icmp", "expr": "port-unreachable"}},
        {"vmap": {"key": {"meta": {"key": "iifname"}}, "data": "@verdicts"}},
        {"something": "new"},
        REJECT,
        CONNTRACK,
    ],
)
def test_whatever_is_not_known_to_be_harmless_diverts(expression: dict[str, Any]) -> None:
    (rule,) = listed([OUT_WLAN, COUNTER, expression]).rules
    assert rule.is_diverting
    assert rule.is_dropping == ("drop" in expression)


def test_a_network_of_one_address_is_an_address() -> None:
    one = PlainRule(IPv4Network("172.18.4.2/32"), HOTSPOT)
    (insert,) = commands([ChainChange(USER, (), (one,))])
    right = insert["insert"]["rule"]["expr"][0]["match"]["right"]
    assert right == "172.18.4.2"


def test_an_accept_of_one_port_is_understood() -> None:
    accept = PlainRule(DOCKER, DOCKER, tcp_port=7846)
    (insert,) = commands([ChainChange(USER, (), (accept,))])
    expressions = insert["insert"]["rule"]["expr"]
    assert listed(expressions).rules[0].plain == accept
    expressions[2]["match"]["right"] = {"range": [80, 90]}
    assert listed(expressions).rules[0].plain is None


def test_only_a_return_for_every_packet_is_returning() -> None:
    assert listed([COUNTER, {"return": None}]).rules[0].is_returning
    assert not listed([OUT_WLAN, COUNTER, {"return": None}]).rules[0].is_returning
    assert not listed([COUNTER, {"drop": None}]).rules[0].is_returning


def test_a_drop_of_what_comes_from_elsewhere_is_understood() -> None:
    drop = PlainRule(ANY, HOTSPOT, other_than="br-1", verdict=DROP)
    (insert,) = commands([ChainChange(USER, (), (drop,))])
    other = {"op": "!=", "left": {"meta": {"key": "iifname"}}, "right": "br-1"}
    assert insert["insert"]["rule"]["expr"][:2] == [TO_HOTSPOT, {"match": other}]
    (rule,) = listed(insert["insert"]["rule"]["expr"]).rules
    assert (rule.plain, rule.is_dropping) == (drop, True)


def test_deletes_come_first_and_the_first_rule_is_inserted_last() -> None:
    rules = PlainRule(DOCKER, HOTSPOT), PlainRule(DOCKER, DOCKER)
    added = commands([ChainChange(USER, (), rules, rules)])
    assert [next(iter(command)) for command in added] == ["insert", "insert", "add", "add"]
    assert added[0]["insert"] == added[3]["add"] != added[1]["insert"] == added[2]["add"]
    change = ChainChange(USER, ("7", "8"), (PlainRule(DOCKER, HOTSPOT),))
    verbs = [next(iter(command.items())) for command in commands([change])]
    assert [(verb, body["rule"].get("handle")) for verb, body in verbs] == [
        ("delete", 7),
        ("delete", 8),
        ("insert", None),
    ]


@given(
    st.builds(
        PlainRule,
        *[st.sampled_from([DOCKER, HOTSPOT, IPv4Network("10.0.0.1/32"), ANY])] * 2,
        *[st.sampled_from(["", "wlan0", "br-1"])] * 3,
        st.sampled_from([0, 7846]),
        st.sampled_from(["accept", "drop", "return"]),
    )
)
def test_what_is_inserted_is_recognised(ours: PlainRule) -> None:
    (insert,) = commands([ChainChange(USER, (), (ours,))])
    rule = insert["insert"]["rule"]
    (inserted,) = listed(rule["expr"], comment=rule["comment"]).rules
    assert (inserted.plain, inserted.comment, inserted.is_diverting) == (
        ours,
        COMMENT,
        ours.verdict != "accept",
    )


@pytest.mark.parametrize(
    "document",
    ["", None, {}, {"nftables": [3]}, {"nftables": [{"rule": {}}]}, {"nftables": [{"chain": {}}]}],
)
def test_another_shape_is_a_protocol_error(document: object) -> None:
    with pytest.raises(ProtocolError, match="unknown format"):
        chains(document)
