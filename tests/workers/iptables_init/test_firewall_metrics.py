from dataclasses import dataclass, field
from typing import cast

import pytest
from msgspec.structs import replace

from hems.protocols.firewall.firewall_rule_types import ChainId
from hems.workers.iptables_init.firewall_metrics import FirewallMetrics, metrics, problems, status
from hems.workers.iptables_init.rule_keeper import RuleKeeper

USER = ChainId("filter", "DOCKER-USER")
WELL = FirewallMetrics(
    mode="enforce",
    is_permitted=True,
    slots={"nf_tables filter/DOCKER-USER": True},
    problems={},
    repairs=1,
    fights=[],
    is_host_firewall_on=False,
    forwarding=True,
)


@dataclass
class Kept:
    """What metrics() reads of a RuleKeeper."""

    name: str
    slots: dict[ChainId, bool] = field(default_factory=dict)
    problem: str = ""
    repairs: int = 0
    is_host_closed: bool = False
    is_in_fight: bool = False


def of(*keepers: Kept, forwarding: bool | None = None) -> FirewallMetrics:
    return metrics([cast("RuleKeeper", keeper) for keeper in keepers], "enforce", forwarding)


def test_slots_are_named_by_backend_table_and_chain() -> None:
    published = of(Kept("nf_tables", {USER: True}), Kept("iptables-legacy", {USER: False}))
    assert published.slots == {
        "nf_tables filter/DOCKER-USER": True,
        "iptables-legacy filter/DOCKER-USER": False,
    }


def test_repairs_are_added_up_and_troubles_named() -> None:
    published = of(Kept("a", repairs=2, problem="gone"), Kept("b", repairs=3, is_in_fight=True))
    assert (published.repairs, published.problems, published.fights) == (5, {"a": "gone"}, ["b"])


def test_no_backend_means_no_permission() -> None:
    assert not of().is_permitted


@pytest.mark.parametrize(
    ("published", "line"),
    [
        (WELL, "our rules are in nf_tables filter/DOCKER-USER"),
        (replace(WELL, slots={}), "no rules needed: neither a hotspot nor Docker blocks anything"),
        (
            replace(WELL, mode="report", slots={"a": False, "b": True, "c": False}),
            "report only: our rules are missing in a, c",
        ),
        (
            replace(WELL, problems={"nf_tables": "no library\nmore"}),
            "our rules are in nf_tables filter/DOCKER-USER; nf_tables: no library",
        ),
        (replace(WELL, fights=["x"]), "x: another program keeps changing our rules"),
        (
            replace(WELL, forwarding=False),
            "our rules are in nf_tables filter/DOCKER-USER; the kernel does not forward from wlan0",
        ),
        (
            replace(WELL, is_permitted=False),
            "report only: without CAP_NET_ADMIN rules can be neither read nor set",
        ),
    ],
)
def test_the_status_says_what_matters(published: FirewallMetrics, line: str) -> None:
    assert status(published, "wlan0") == line


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        (
            {"slots": {"iptables-legacy filter/DOCKER-USER": False}},
            "our rules are missing in iptables-legacy filter/DOCKER-USER",
        ),
        (
            {"problems": {"nf_tables": "Operation not supported\nmore"}},
            "our rules are in nf_tables filter/DOCKER-USER; nf_tables: Operation not supported",
        ),
        ({"fights": ["nf_tables"]}, "nf_tables: another program keeps changing our rules"),
    ],
)
def test_rules_that_are_missing_or_do_not_stay_are_a_problem(
    changes: dict[str, object], found: str
) -> None:
    [problem] = problems(replace(WELL, **changes))
    assert (problem.name, problem.found) == ("firewall-incomplete", found)
    assert not list(problems(replace(WELL, **changes, mode="report")))
    assert not list(problems(replace(WELL, **changes, is_permitted=False)))


def test_rules_that_are_in_place_are_no_problem() -> None:
    assert not list(problems(WELL))
    assert not list(problems(replace(WELL, slots={})))
