from collections.abc import Callable, Sequence
from ipaddress import IPv4Network

import pytest

from hems.errors import ProtocolError, Unavailable
from hems.protocols.firewall.docker_hotspot_rules import ForwardingRules
from hems.protocols.firewall.firewall_rule_types import (
    ChainChange,
    ChainId,
    FirewallChain,
    PlainRule,
)
from hems.system.firewall import LOCK_WAIT_S
from hems.worker_runtime import Context
from hems.workers.iptables_init.rule_keeper import ATTEMPTS, LAST_ATTEMPT_S, PAUSE_S, RuleKeeper
from tests.fakes.netfilter import FakeNetfilter, foreign
from tests.fakes.time import FakeTime, context

DOCKER, HOTSPOT = IPv4Network("172.18.4.0/24"), IPv4Network("10.42.0.0/24")
WANTED = ForwardingRules(DOCKER, HOTSPOT, "br-1", "wlan0", 7846, IPv4Network("172.18.4.4"), (443,))
NM = ChainId("filter", "nm-sh-fw-wlan0")
USER = ChainId("filter", "DOCKER-USER")
TO_HOTSPOT = PlainRule(DOCKER, HOTSPOT, out_interface="wlan0")


def keeper(
    rules: FakeNetfilter,
    *,
    is_enforcing: bool = True,
    per_minute: int = 20,
    pause: Callable[[float], object] = lambda seconds: None,
) -> RuleKeeper:
    return RuleKeeper(rules, lambda: WANTED, per_minute, pause, is_enforcing=is_enforcing)


def parts() -> tuple[Context, FakeTime, FakeNetfilter]:
    ctx, time, _ = context(float("inf"))
    return (
        ctx,
        time,
        FakeNetfilter([FirewallChain(NM, "", (foreign(),)), FirewallChain(USER, "", (foreign(),))]),
    )


def test_a_check_fills_every_slot() -> None:
    ctx, _, rules = parts()
    kept = keeper(rules)
    kept.check(ctx)
    assert kept.slots == {NM: True, USER: True}
    assert TO_HOTSPOT in {rule.plain for rule in rules.rules(NM)}
    assert len(rules.applied) == 1


def test_a_second_check_changes_nothing() -> None:
    ctx, _, rules = parts()
    kept = keeper(rules)
    kept.check(ctx)
    kept.check(ctx)
    assert (len(rules.applied), kept.repairs) == (1, 1)


def test_a_recreated_chain_is_filled_again() -> None:
    ctx, _, rules = parts()
    kept = keeper(rules)
    kept.check(ctx)
    rules.put(NM, foreign())
    kept.check(ctx)
    assert TO_HOTSPOT in {rule.plain for rule in rules.rules(NM)}
    assert kept.repairs == 2


def test_reporting_changes_nothing_and_says_what_is_missing() -> None:
    ctx, _, rules = parts()
    kept = keeper(rules, is_enforcing=False)
    kept.check(ctx)
    kept.remove_rules(ctx)
    assert rules.applied == []
    assert kept.slots == {NM: False, USER: False}


def test_clearing_leaves_only_what_was_there() -> None:
    ctx, _, rules = parts()
    kept = keeper(rules)
    kept.check(ctx)
    kept.remove_rules(ctx)
    assert rules.rules(NM) == rules.rules(USER) == (foreign(),)


def test_a_plan_that_was_overtaken_is_made_again() -> None:
    ctx, time, rules = parts()
    rules.failures = ["No such file or directory"]
    kept = keeper(rules)
    kept.check(ctx)
    assert kept.slots == {NM: True, USER: True}
    assert kept.problem == ""
    assert time.now < 1


def test_five_failures_are_an_outage_until_it_works() -> None:
    ctx, _, rules = parts()
    rules.failures = ["Operation not permitted"] * ATTEMPTS
    kept = keeper(rules)
    kept.check(ctx)
    assert (kept.problem, kept.slots) == ("Operation not permitted", {NM: False, USER: False})
    kept.check(ctx)
    assert (kept.problem, kept.slots) == ("", {NM: True, USER: True})


def test_a_lock_that_somebody_holds_is_waited_for_once_a_check() -> None:
    ctx, time, rules = parts()

    def time_out(changes: Sequence[ChainChange]) -> None:
        time.now += LOCK_WAIT_S
        raise Unavailable("Another app is currently holding the xtables lock")

    rules.apply = time_out  # type: ignore[method-assign]
    kept = keeper(rules)
    kept.check(ctx)
    assert time.now < 2 * LOCK_WAIT_S
    assert kept.problem == "Another app is currently holding the xtables lock"


@pytest.mark.parametrize(("seconds", "attempts"), [(LAST_ATTEMPT_S, 1), (LAST_ATTEMPT_S - 0.01, 2)])
def test_no_attempt_begins_after_the_last_moment(seconds: float, attempts: int) -> None:
    ctx, time, rules = parts()
    begun: list[float] = []

    def fail(changes: Sequence[ChainChange]) -> None:
        begun.append(time.now)
        time.now += seconds - PAUSE_S
        raise Unavailable("Another app is currently holding the xtables lock")

    rules.apply = fail  # type: ignore[method-assign]
    keeper(rules, pause=time.wait).check(ctx)
    assert len(begun) == attempts


def test_rules_that_are_not_there_once_set_are_a_problem() -> None:
    ctx, _, rules = parts()
    rules.apply = lambda changes: None  # type: ignore[method-assign]
    kept = keeper(rules)
    kept.check(ctx)
    assert kept.problem == "the rules were set 5 times and did not stay"


@pytest.mark.parametrize("act", [RuleKeeper.check, RuleKeeper.remove_rules])
def test_every_attempt_but_the_first_comes_after_a_pause_also_after_the_stop(
    act: Callable[[RuleKeeper, Context], None],
) -> None:
    ctx, time, rules = parts()
    time.until = 0.0  # every wait for the stop returns immediately
    pauses: list[float] = []
    for _ in range(2):
        kept = keeper(rules, pause=pauses.append)
        kept.check(ctx)
        rules.put(NM, foreign(), *rules.rules(NM))
        rules.failures = ["No such file or directory"] * (ATTEMPTS - 1)
        pauses.clear()
        act(kept, ctx)
        assert pauses == [PAUSE_S] * (ATTEMPTS - 1)


def test_whether_the_hosts_firewall_is_on_is_known() -> None:
    ctx, _, rules = parts()
    kept = keeper(rules)
    for is_on in (True, False, True):
        rules.put(ChainId("filter", "BALENA-FIREWALL"), *([foreign()] if is_on else []))
        kept.check(ctx)
        assert kept.is_host_closed is is_on


def test_an_answer_of_another_shape_is_a_problem_not_a_crash() -> None:
    ctx, _, rules = parts()

    def chains() -> list[FirewallChain]:
        raise ProtocolError("another shape")

    rules.chains = chains  # type: ignore[method-assign]
    kept = keeper(rules)
    kept.check(ctx)
    assert kept.problem == "another shape"


def test_every_fight_is_limited_and_ends() -> None:
    ctx, time, rules = parts()
    kept = keeper(rules, per_minute=6)
    for _ in range(2):
        rules.applied.clear()
        for _ in range(600):
            rules.put(NM, foreign())
            kept.check(ctx)
            time.now += 0.2
        assert kept.is_in_fight
        assert len(rules.applied) <= 6 + 12 + 1
        for _ in range(30):
            kept.check(ctx)
            time.now += 15
        assert not kept.is_in_fight
        assert kept.slots == {NM: True, USER: True}


def test_rules_go_even_after_a_fight() -> None:
    ctx, _, rules = parts()
    kept = keeper(rules, per_minute=1)
    kept.check(ctx)
    rules.put(NM, foreign())
    kept.check(ctx)
    assert kept.is_in_fight
    kept.remove_rules(ctx)
    assert rules.rules(USER) == (foreign(),)
