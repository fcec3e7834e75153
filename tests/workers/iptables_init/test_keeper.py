from collections.abc import Sequence
from ipaddress import IPv4Network

from hems.errors import ProtocolError, Unavailable
from hems.protocols.firewall import Accept, Chain, Change, Place
from hems.protocols.passage import Passage
from hems.runtime import Context
from hems.system.netfilter import LOCK_WAIT_S
from hems.workers.iptables_init.keeper import ATTEMPTS, Keeper
from tests.fakes.netfilter import FakeNetfilter, foreign
from tests.fakes.time import FakeTime, context

DOCKER, HOTSPOT = IPv4Network("172.18.4.0/24"), IPv4Network("10.42.0.0/24")
PASSAGE = Passage(DOCKER, HOTSPOT, "wlan0")
NM = Place("filter", "nm-sh-fw-wlan0")
USER = Place("filter", "DOCKER-USER")
TO_HOTSPOT = Accept(DOCKER, HOTSPOT, out_interface="wlan0")


def keeper(rules: FakeNetfilter, *, is_enforcing: bool = True, per_minute: int = 20) -> Keeper:
    return Keeper(rules, PASSAGE, per_minute, is_enforcing=is_enforcing)


def parts() -> tuple[Context, FakeTime, FakeNetfilter]:
    ctx, time, _ = context(float("inf"))
    return ctx, time, FakeNetfilter([Chain(NM, "", (foreign(),)), Chain(USER, "", (foreign(),))])


def test_a_look_fills_every_slot() -> None:
    ctx, _, rules = parts()
    kept = keeper(rules)
    kept.look(ctx)
    assert kept.slots == {NM: True, USER: True}
    assert rules.rules(NM)[0].accept == TO_HOTSPOT
    assert len(rules.applied) == 1


def test_a_second_look_changes_nothing() -> None:
    ctx, _, rules = parts()
    kept = keeper(rules)
    kept.look(ctx)
    kept.look(ctx)
    assert (len(rules.applied), kept.repairs) == (1, 1)


def test_a_chain_made_anew_is_filled_again() -> None:
    ctx, _, rules = parts()
    kept = keeper(rules)
    kept.look(ctx)
    rules.put(NM, foreign())
    kept.look(ctx)
    assert rules.rules(NM)[0].accept == TO_HOTSPOT
    assert kept.repairs == 2


def test_reporting_changes_nothing_and_says_what_is_missing() -> None:
    ctx, _, rules = parts()
    kept = keeper(rules, is_enforcing=False)
    kept.look(ctx)
    kept.clear(ctx)
    assert rules.applied == []
    assert kept.slots == {NM: False, USER: False}


def test_clearing_leaves_only_what_was_there() -> None:
    ctx, _, rules = parts()
    kept = keeper(rules)
    kept.look(ctx)
    kept.clear(ctx)
    assert rules.rules(NM) == rules.rules(USER) == (foreign(),)


def test_a_plan_that_was_overtaken_is_made_again() -> None:
    ctx, time, rules = parts()
    rules.failures = ["No such file or directory"]
    kept = keeper(rules)
    kept.look(ctx)
    assert kept.slots == {NM: True, USER: True}
    assert kept.problem == ""
    assert time.now < 1


def test_five_failures_are_an_outage_until_it_works() -> None:
    ctx, _, rules = parts()
    rules.failures = ["Operation not permitted"] * ATTEMPTS
    kept = keeper(rules)
    kept.look(ctx)
    assert (kept.problem, kept.slots) == ("Operation not permitted", {NM: False, USER: False})
    kept.look(ctx)
    assert (kept.problem, kept.slots) == ("", {NM: True, USER: True})


def test_a_lock_that_somebody_holds_is_waited_for_once_a_look() -> None:
    ctx, time, rules = parts()

    def wait_in_vain(changes: Sequence[Change]) -> None:
        time.now += LOCK_WAIT_S
        raise Unavailable("Another app is currently holding the xtables lock")

    rules.apply = wait_in_vain  # type: ignore[method-assign]
    kept = keeper(rules)
    kept.look(ctx)
    assert time.now < 2 * LOCK_WAIT_S
    assert kept.problem == "Another app is currently holding the xtables lock"


def test_rules_that_are_not_there_once_set_are_a_problem() -> None:
    ctx, _, rules = parts()
    rules.apply = lambda changes: None  # type: ignore[method-assign]
    kept = keeper(rules)
    kept.look(ctx)
    assert kept.problem == "the rules were set 5 times and did not stay"


def test_an_answer_of_another_shape_is_a_problem_not_a_crash() -> None:
    ctx, _, rules = parts()

    def chains() -> list[Chain]:
        raise ProtocolError("another shape")

    rules.chains = chains  # type: ignore[method-assign]
    kept = keeper(rules)
    kept.look(ctx)
    assert kept.problem == "another shape"


def test_a_fight_is_limited_and_ends() -> None:
    ctx, time, rules = parts()
    kept = keeper(rules, per_minute=6)
    for _ in range(600):
        rules.put(NM, foreign())
        kept.look(ctx)
        time.now += 0.2
    assert kept.is_in_fight
    assert len(rules.applied) <= 6 + 12 + 1
    for _ in range(30):
        kept.look(ctx)
        time.now += 15
    assert not kept.is_in_fight
    assert kept.slots == {NM: True, USER: True}


def test_rules_go_even_after_a_fight() -> None:
    ctx, _, rules = parts()
    kept = keeper(rules, per_minute=1)
    kept.look(ctx)
    rules.put(NM, foreign())
    kept.look(ctx)
    assert kept.is_in_fight
    kept.clear(ctx)
    assert rules.rules(USER) == (foreign(),)
