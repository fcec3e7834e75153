from collections.abc import Mapping
from dataclasses import replace
from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.protocols.firewall import COMMENT, Accept, Chain, Place, Rule
from hems.protocols.passage import Passage
from tests.fakes.netfilter import FakeNetfilter, foreign, own

DOCKER, HOTSPOT = IPv4Network("172.18.4.0/24"), IPv4Network("10.42.0.0/24")
PASSAGE = Passage(DOCKER, HOTSPOT, "wlan0")
IN, OUT = Accept(HOTSPOT, DOCKER), Accept(DOCKER, HOTSPOT)
TO_HOTSPOT = Accept(DOCKER, HOTSPOT, out_interface="wlan0")
RAW_IN = Accept(HOTSPOT, DOCKER, in_interface="wlan0")

NM = Place("filter", "nm-sh-fw-wlan0")
NM_NFT = Place("nm-shared-wlan0", "filter_forward")
USER, FORWARD = Place("filter", "DOCKER-USER"), Place("filter", "FORWARD")
BRIDGES = Place("docker-bridges", "filter-FORWARD")
RAW, RAW_NFT = Place("raw", "PREROUTING"), Place("docker-bridges", "raw-PREROUTING")
DROP = foreign("9", is_dropping=True)
ACCEPT = foreign("8", is_diverting=False)


def chain(place: Place, *rules: Rule, policy: str = "") -> Chain:
    return Chain(place, policy, rules)


@pytest.mark.parametrize(
    ("place", "accepts"),
    [(NM, {TO_HOTSPOT}), (NM_NFT, {TO_HOTSPOT}), (USER, {IN, OUT}), (BRIDGES, {IN, OUT})],
)
def test_a_chain_that_blocks_is_a_slot(place: Place, accepts: set[Accept]) -> None:
    assert PASSAGE.slots([chain(place)]) == {place: accepts}


def test_the_chain_of_another_interface_is_no_slot() -> None:
    assert PASSAGE.slots([chain(Place("filter", "nm-sh-fw-wlan1"))]) == {}


@pytest.mark.parametrize("place", [RAW, RAW_NFT])
def test_a_raw_chain_is_a_slot_only_while_it_drops(place: Place) -> None:
    assert PASSAGE.slots([chain(place, DROP)]) == {place: {RAW_IN}}
    assert PASSAGE.slots([chain(place, foreign())]) == {}


def test_forward_is_a_slot_only_if_it_drops_and_there_is_no_docker_user() -> None:
    assert PASSAGE.slots([chain(FORWARD, policy="drop")]) == {FORWARD: {IN, OUT}}
    assert PASSAGE.slots([chain(FORWARD, policy="accept")]) == {}
    assert PASSAGE.slots([chain(FORWARD, policy="drop"), chain(USER)]) == {USER: {IN, OUT}}


def test_missing_rules_are_inserted() -> None:
    (change,) = PASSAGE.plan([chain(USER, DROP)])
    assert (change.place, change.delete, set(change.insert)) == (USER, (), {IN, OUT})


def test_rules_in_place_are_left_alone() -> None:
    assert PASSAGE.plan([chain(USER, own(IN), own(OUT, "2"), DROP)]) == []


def test_foreign_rules_that_only_accept_may_stand_before_ours() -> None:
    assert PASSAGE.plan([chain(NM, ACCEPT, own(TO_HOTSPOT), DROP)]) == []


def test_rules_behind_one_that_diverts_are_moved_to_the_top() -> None:
    (change,) = PASSAGE.plan([chain(NM, DROP, own(TO_HOTSPOT, "7"))])
    assert (change.delete, change.insert) == (("7",), (TO_HOTSPOT,))


def test_a_rule_that_lost_its_comment_is_known_by_what_it_does() -> None:
    assert PASSAGE.plan([chain(NM, own(TO_HOTSPOT, comment=""))]) == []


def test_a_rule_like_ours_in_somebody_elses_chain_is_not_ours() -> None:
    assert PASSAGE.removal([chain(Place("mine", "mine"), own(OUT, comment=""))]) == []


def test_our_rules_for_other_subnets_are_replaced() -> None:
    stale = own(Accept(DOCKER, IPv4Network("10.43.0.0/24"), out_interface="wlan0"), "7")
    (change,) = PASSAGE.plan([chain(NM, stale)])
    assert (change.delete, change.insert) == (("7",), (TO_HOTSPOT,))


def test_our_rule_in_a_chain_that_is_no_slot_any_more_is_deleted() -> None:
    (change,) = PASSAGE.plan([chain(RAW, own(RAW_IN, "7"))])
    assert (change.delete, change.insert) == (("7",), ())


def test_a_duplicate_is_deleted() -> None:
    rules = FakeNetfilter([chain(NM, own(TO_HOTSPOT, "1"), own(TO_HOTSPOT, "2"))])
    rules.apply(PASSAGE.plan(rules.chains()))
    assert [rule.accept for rule in rules.rules(NM)] == [TO_HOTSPOT]


RULES = st.one_of(
    st.builds(
        own,
        st.sampled_from([None, IN, OUT, TO_HOTSPOT, RAW_IN, Accept(DOCKER, DOCKER)]),
        comment=st.sampled_from(["", COMMENT, "theirs"]),
    ),
    st.builds(foreign, is_diverting=st.booleans()),
    st.builds(foreign, is_dropping=st.just(True)),
    st.just(Rule("", COMMENT, None, is_diverting=True, is_dropping=True)),
)
PLACES = [NM, NM_NFT, USER, FORWARD, BRIDGES, RAW, RAW_NFT, Place("filter", "INPUT")]


def numbered(place: Place, policy: str, rules: list[Rule]) -> Chain:
    """Return the chain with a handle of its own for each rule."""
    return Chain(
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


def foreigners(chain: Chain, slots: Mapping[Place, frozenset[Accept]]) -> list[Rule]:
    """Return the rules that are not ours: with another comment, or none and another structure."""
    known = slots.get(chain.place, frozenset())
    return [
        rule
        for rule in chain.rules
        if rule.comment != COMMENT and (rule.comment or rule.accept not in known)
    ]


@given(RULESETS)
def test_a_plan_that_was_applied_leaves_nothing_to_do(chains: list[Chain]) -> None:
    rules = FakeNetfilter(chains)
    rules.apply(PASSAGE.plan(chains))
    assert PASSAGE.plan(rules.chains()) == []


@given(RULESETS)
def test_every_slot_has_its_rules_before_whatever_diverts(chains: list[Chain]) -> None:
    rules = FakeNetfilter(chains)
    rules.apply(PASSAGE.plan(chains))
    for place, accepts in PASSAGE.slots(chains).items():
        front: set[Accept | None] = set()
        for rule in rules.rules(place):
            if rule.is_diverting and rule.comment != COMMENT:
                break
            front.add(rule.accept)
        assert accepts <= front


@given(RULESETS)
def test_what_is_not_ours_stays_as_it_was(chains: list[Chain]) -> None:
    slots = PASSAGE.slots(chains)
    for changes in (PASSAGE.plan(chains), PASSAGE.removal(chains)):
        rules = FakeNetfilter(chains)
        rules.apply(changes)
        assert list(rules.chains_by_place) == [chain.place for chain in chains]
        for before, after in zip(chains, rules.chains(), strict=True):
            assert foreigners(after, slots) == foreigners(before, slots)


@given(RULESETS)
def test_a_removal_leaves_nothing_of_ours(chains: list[Chain]) -> None:
    rules = FakeNetfilter(chains)
    rules.apply(PASSAGE.plan(chains))
    slots = PASSAGE.slots(rules.chains())
    rules.apply(PASSAGE.removal(rules.chains()))
    for one in rules.chains():
        assert list(one.rules) == foreigners(one, slots)


def test_an_operators_rule_with_a_comment_of_its_own_stays() -> None:
    theirs = replace(foreign("7", is_diverting=False), comment="operator", accept=IN)
    rules = FakeNetfilter([chain(USER, theirs)])
    rules.apply(PASSAGE.plan(rules.chains()))
    rules.apply(PASSAGE.removal(rules.chains()))
    assert rules.rules(USER) == (theirs,)


def test_a_chain_that_is_no_slot_keeps_rules_like_ours() -> None:
    theirs = replace(foreign("7", is_diverting=False), accept=IN)
    chains = [chain(FORWARD, theirs, policy="drop"), chain(USER)]
    assert [change.place for change in PASSAGE.plan(chains)] == [USER]
