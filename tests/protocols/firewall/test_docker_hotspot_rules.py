from collections.abc import Mapping
from dataclasses import replace
from ipaddress import IPv4Network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.protocols.firewall.docker_hotspot_rules import (
    ForwardingRules,
    Slot,
    is_host_firewall_on,
)
from hems.protocols.firewall.firewall_rule_types import (
    ANY,
    COMMENT,
    DROP,
    RETURN,
    ChainId,
    FirewallChain,
    FirewallRule,
    PlainRule,
)
from tests.fakes.netfilter import FakeNetfilter, foreign, own

DOCKER, HOTSPOT = IPv4Network("172.18.4.0/24"), IPv4Network("10.42.0.0/24")
NGINX, PORTS = IPv4Network("172.18.4.4"), (443, 7845)
WANTED = ForwardingRules(DOCKER, HOTSPOT, "br-1", "wlan0", 7846, NGINX, PORTS)
WITHOUT_BRIDGE = replace(WANTED, bridge="")
IN, IN_D2L = (PlainRule(HOTSPOT, NGINX, "wlan0", tcp_port=port) for port in PORTS)
OUT = PlainRule(DOCKER, HOTSPOT, out_interface="wlan0")
ASK_DOCKER = PlainRule(HOTSPOT, DOCKER, "wlan0", verdict=RETURN)
OF_DOCKER = (OUT, IN, IN_D2L)
OF_HOST = PlainRule(ANY, DOCKER, "lo")
STRANGERS = PlainRule(ANY, DOCKER, other_than="br-1", verdict=DROP)
CLOSING = (OF_HOST, STRANGERS)

NM = ChainId("filter", "nm-sh-fw-wlan0")
NM_NFT = ChainId("nm-shared-wlan0", "filter_forward")
USER, FORWARD = ChainId("filter", "DOCKER-USER"), ChainId("filter", "FORWARD")
BRIDGES = ChainId("docker-bridges", "filter-FORWARD")
NAT, NAT_NFT = ChainId("nat", "POSTROUTING"), ChainId("nm-shared-wlan0", "nat_postrouting")
INPUT, BALENA = ChainId("filter", "INPUT"), ChainId("filter", "BALENA-FIREWALL")
TO_D2L = PlainRule(DOCKER, DOCKER, tcp_port=7846)
REJECT, RETURNING = foreign("10"), replace(foreign("11"), is_returning=True)
RAW, RAW_NFT = ChainId("raw", "PREROUTING"), ChainId("docker-bridges", "raw-PREROUTING")
DROPPING = foreign("9", is_dropping=True)
ACCEPT = foreign("8", is_diverting=False)


def chain(place: ChainId, *rules: FirewallRule, policy: str = "") -> FirewallChain:
    return FirewallChain(place, policy, rules)


@pytest.mark.parametrize(
    ("place", "rules"),
    [(NM, (OUT, ASK_DOCKER)), (NM_NFT, (OUT,)), (USER, OF_DOCKER), (BRIDGES, OF_DOCKER)],
)
def test_a_chain_that_blocks_is_a_slot(place: ChainId, rules: tuple[PlainRule, ...]) -> None:
    assert WANTED.slots([chain(place)]) == {place: Slot(rules)}


def test_no_rule_lets_a_station_reach_more_than_nginxs_doors() -> None:
    """Whatever chains there are: other rules for packets from the hotspot only return them."""
    chains = [chain(place, DROPPING, policy="drop") for place in PLACES]
    rules = {rule for slot in WANTED.slots(chains).values() for rule in slot.rules}
    accepted = {rule for rule in rules if rule.source == HOTSPOT and rule.verdict == "accept"}
    assert accepted == {IN, IN_D2L}
    assert all(rule.in_interface == "wlan0" for rule in accepted)


def test_a_station_keeps_its_address_while_networkmanager_would_replace_it() -> None:
    unchanged = Slot((PlainRule(HOTSPOT, DOCKER),))
    assert WANTED.slots([chain(NAT), chain(NM)])[NAT] == unchanged
    assert WANTED.slots([chain(NAT)]) == {}
    assert WANTED.slots([chain(NAT_NFT)]) == {NAT_NFT: unchanged}


def test_the_chain_of_another_interface_is_no_slot() -> None:
    assert WANTED.slots([chain(ChainId("filter", "nm-sh-fw-wlan1"))]) == {}


@pytest.mark.parametrize("place", [RAW, RAW_NFT])
def test_a_raw_chain_is_a_slot_only_while_it_drops(place: ChainId) -> None:
    assert WANTED.slots([chain(place, DROPPING)]) == {place: Slot((IN, IN_D2L, *CLOSING))}
    assert WANTED.slots([chain(place, foreign())]) == {}


@pytest.mark.parametrize("rules", [[], [REJECT], [RETURNING, REJECT]])
def test_input_lets_the_containers_pass_while_balena_has_its_chain(
    rules: list[FirewallRule],
) -> None:
    slots = WANTED.slots([chain(INPUT), chain(BALENA, *rules)])
    assert slots == {INPUT: Slot((*CLOSING, TO_D2L))}
    assert WANTED.slots([chain(INPUT)]) == {INPUT: Slot(CLOSING)}
    assert WITHOUT_BRIDGE.slots([chain(INPUT)]) == {}


def test_the_hosts_firewall_is_passed_before_it_rejects() -> None:
    rules = FakeNetfilter([chain(INPUT, foreign("5")), chain(BALENA, REJECT)])
    for _ in range(2):
        rules.apply(WANTED.plan(rules.chains()))
        assert [rule.plain for rule in rules.rules(INPUT)] == [*CLOSING, TO_D2L, None]
        assert WANTED.plan(rules.chains()) == []
        rules.put(INPUT, foreign("5"), *rules.rules(INPUT)[:3])  # its jump is above our rules
    rules.apply(WANTED.removal(rules.chains()))
    assert [rule.plain for rule in rules.rules(INPUT)] == [None]


@pytest.mark.parametrize(
    ("rules", "is_on"),
    [([], False), ([ACCEPT, REJECT], True), ([ACCEPT, RETURNING, REJECT], False)],
)
def test_whether_the_hosts_firewall_is_on(rules: list[FirewallRule], is_on: bool) -> None:
    assert is_host_firewall_on([chain(INPUT, REJECT), chain(BALENA, *rules)]) is is_on
    assert not is_host_firewall_on([chain(INPUT, REJECT)])


def test_forward_is_a_slot_only_if_it_drops_and_there_is_no_docker_user() -> None:
    assert WANTED.slots([chain(FORWARD, policy="drop")]) == {FORWARD: Slot(OF_DOCKER)}
    assert WANTED.slots([chain(FORWARD, policy="accept")]) == {}
    assert WANTED.slots([chain(FORWARD, policy="drop"), chain(USER)]) == {USER: Slot(OF_DOCKER)}


def test_forward_ends_with_a_drop_where_docker_has_not_set_its_policy() -> None:
    """Without Docker's chain Docker's rules are in the other packet filter, not before ours."""
    rules = FakeNetfilter([chain(FORWARD, ACCEPT, policy="accept"), chain(USER)])
    assert WITHOUT_BRIDGE.slots(rules.chains()) == {USER: Slot(OF_DOCKER)}
    for _ in range(2):
        rules.apply(WANTED.plan(rules.chains()))
        assert [rule.plain for rule in rules.rules(FORWARD)][-2:] == list(CLOSING)
        assert WANTED.plan(rules.chains()) == []
        rules.put(FORWARD, *rules.rules(FORWARD), ACCEPT, policy="accept")
    rules.apply(WANTED.removal(rules.chains()))
    assert set(rules.rules(FORWARD)) == {ACCEPT}


def test_a_bridge_of_another_name_replaces_the_rules() -> None:
    rules = FakeNetfilter([chain(INPUT)])
    rules.apply(replace(WANTED, bridge="br-0").plan(rules.chains()))
    rules.apply(WANTED.plan(rules.chains()))
    assert [rule.plain for rule in rules.rules(INPUT)] == list(CLOSING)


def test_nothing_accepts_before_a_rule_of_ours_that_drops() -> None:
    own_rules = [own(rule, str(number)) for number, rule in enumerate(CLOSING)]
    assert WANTED.plan([chain(INPUT, *own_rules, ACCEPT)]) == []
    assert WANTED.plan([chain(INPUT, *reversed(own_rules))]) != []
    (change,) = WANTED.plan([chain(INPUT, ACCEPT, *own_rules)])
    assert (change.delete, change.insert) == (("0", "1"), CLOSING)


def test_missing_rules_are_inserted() -> None:
    (change,) = WANTED.plan([chain(USER, DROPPING)])
    assert (change.place, change.delete, change.insert) == (USER, (), OF_DOCKER)


def test_rules_in_place_are_left_alone() -> None:
    assert WANTED.plan([chain(USER, own(OUT), own(IN, "2"), own(IN_D2L, "3"), DROPPING)]) == []


def test_foreign_rules_that_only_accept_may_stand_before_ours() -> None:
    assert WANTED.plan([chain(NM_NFT, ACCEPT, own(OUT), DROPPING)]) == []


def test_rules_behind_one_that_diverts_are_moved_to_the_top() -> None:
    (change,) = WANTED.plan([chain(NM_NFT, DROPPING, own(OUT, "7"))])
    assert (change.delete, change.insert) == (("7",), (OUT,))


def test_a_rule_that_lost_its_comment_is_known_by_what_it_does() -> None:
    assert WANTED.plan([chain(NM_NFT, own(OUT, comment=""))]) == []


def test_a_rule_like_ours_in_somebody_elses_chain_is_not_ours() -> None:
    assert WANTED.removal([chain(ChainId("mine", "mine"), own(OUT, comment=""))]) == []


def test_our_rules_for_other_subnets_are_replaced() -> None:
    stale = own(PlainRule(DOCKER, IPv4Network("10.43.0.0/24"), out_interface="wlan0"), "7")
    (change,) = WANTED.plan([chain(NM_NFT, stale)])
    assert (change.delete, change.insert) == (("7",), (OUT,))


def test_our_rule_in_a_chain_that_is_no_slot_any_more_is_deleted() -> None:
    (change,) = WANTED.plan([chain(RAW, own(IN, "7"))])
    assert (change.delete, change.insert) == (("7",), ())


def test_a_duplicate_is_deleted() -> None:
    rules = FakeNetfilter([chain(NM_NFT, own(OUT, "1"), own(OUT, "2"))])
    rules.apply(WANTED.plan(rules.chains()))
    assert [rule.plain for rule in rules.rules(NM_NFT)] == [OUT]


RULES = st.one_of(
    st.builds(
        own,
        st.sampled_from([None, IN, OUT, IN_D2L, ASK_DOCKER, OF_HOST, STRANGERS, TO_D2L]),
        comment=st.sampled_from(["", COMMENT, "theirs"]),
    ),
    st.builds(foreign, is_diverting=st.booleans()),
    st.builds(foreign, is_dropping=st.just(True)),
    st.just(FirewallRule("", COMMENT, None, is_diverting=True, is_dropping=True)),
)
PLACES = [NM, NM_NFT, USER, FORWARD, BRIDGES, RAW, RAW_NFT, INPUT, BALENA]


def numbered(place: ChainId, policy: str, rules: list[FirewallRule]) -> FirewallChain:
    """Return the chain with a handle of its own for each rule."""
    return FirewallChain(
        place, policy, tuple(replace(one, reference=str(i)) for i, one in enumerate(rules))
    )


RULESETS = st.lists(
    st.builds(
        numbered,
        st.sampled_from(PLACES),
        st.sampled_from(["", "accept", "drop"]),
        st.lists(RULES, max_size=6),
    ),
    unique_by=lambda chain: chain.place,
)


def foreigners(chain: FirewallChain, slots: Mapping[ChainId, Slot]) -> list[FirewallRule]:
    """Return the rules that are not ours: with another comment, or none and another structure."""
    known = slots.get(chain.place, Slot()).rules
    return [
        rule
        for rule in chain.rules
        if rule.comment != COMMENT and (rule.comment or rule.plain not in known)
    ]


@settings(max_examples=50)
@given(RULESETS)
def test_a_plan_that_was_applied_leaves_nothing_to_do(chains: list[FirewallChain]) -> None:
    rules = FakeNetfilter(chains)
    rules.apply(WANTED.plan(chains))
    assert WANTED.plan(rules.chains()) == []


@settings(max_examples=50)
@given(RULESETS)
def test_every_slot_has_its_rules_before_whatever_diverts(chains: list[FirewallChain]) -> None:
    rules = FakeNetfilter(chains)
    rules.apply(WANTED.plan(chains))
    for place, slot in WANTED.slots(chains).items():
        plain_rules = [rule.plain for rule in rules.rules(place)]
        if slot.is_at_end or STRANGERS in slot.rules:
            at_end = plain_rules[len(plain_rules) - len(slot.rules) :]
            assert tuple(at_end if slot.is_at_end else plain_rules[: len(slot.rules)]) == slot.rules
        front: set[PlainRule | None] = set()
        for rule in rules.rules(place):
            if rule.is_diverting and rule.comment != COMMENT:
                break
            front.add(rule.plain)
        assert slot.is_at_end or set(slot.rules) <= front


@settings(max_examples=50)
@given(RULESETS)
def test_what_is_not_ours_stays_as_it_was(chains: list[FirewallChain]) -> None:
    slots = WANTED.slots(chains)
    for changes in (WANTED.plan(chains), WANTED.removal(chains)):
        rules = FakeNetfilter(chains)
        rules.apply(changes)
        assert list(rules.chains_by_place) == [chain.place for chain in chains]
        for before, after in zip(chains, rules.chains(), strict=True):
            assert foreigners(after, slots) == foreigners(before, slots)


@settings(max_examples=50)
@given(RULESETS)
def test_a_removal_leaves_nothing_of_ours(chains: list[FirewallChain]) -> None:
    rules = FakeNetfilter(chains)
    rules.apply(WANTED.plan(chains))
    slots = WANTED.slots(rules.chains())
    rules.apply(WANTED.removal(rules.chains()))
    for one in rules.chains():
        assert list(one.rules) == foreigners(one, slots)


def test_an_operators_rule_with_a_comment_of_its_own_stays() -> None:
    theirs = replace(foreign("7", is_diverting=False), comment="operator", plain=IN)
    rules = FakeNetfilter([chain(USER, theirs)])
    rules.apply(WANTED.plan(rules.chains()))
    rules.apply(WANTED.removal(rules.chains()))
    assert rules.rules(USER) == (theirs,)


def test_a_chain_that_is_no_slot_keeps_rules_like_ours() -> None:
    theirs = replace(foreign("7", is_diverting=False), plain=IN)
    chains = [chain(FORWARD, theirs, policy="drop"), chain(USER)]
    assert [change.place for change in WANTED.plan(chains)] == [USER]
