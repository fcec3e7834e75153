from dataclasses import dataclass, field
from typing import cast

import pytest
from msgspec.structs import replace

from hems.protocols.firewall import Place
from hems.workers.iptables_init.figures import Figures, figures, status
from hems.workers.iptables_init.keeper import Keeper

USER = Place("filter", "DOCKER-USER")
WELL = Figures(
    mode="enforce",
    is_permitted=True,
    slots={"nf_tables filter/DOCKER-USER": True},
    problems={},
    repairs=1,
    fights=[],
    forwarding=True,
)


@dataclass
class Kept:
    """What figures() reads of a Keeper."""

    name: str
    slots: dict[Place, bool] = field(default_factory=dict)
    problem: str = ""
    repairs: int = 0
    is_in_fight: bool = False


def of(*keepers: Kept, forwarding: bool | None = None) -> Figures:
    return figures([cast("Keeper", one) for one in keepers], "enforce", forwarding)


def test_slots_are_named_by_backend_table_and_chain() -> None:
    told = of(Kept("nf_tables", {USER: True}), Kept("iptables-legacy", {USER: False}))
    assert told.slots == {
        "nf_tables filter/DOCKER-USER": True,
        "iptables-legacy filter/DOCKER-USER": False,
    }


def test_repairs_are_added_up_and_troubles_named() -> None:
    told = of(Kept("a", repairs=2, problem="gone"), Kept("b", repairs=3, is_in_fight=True))
    assert (told.repairs, told.problems, told.fights) == (5, {"a": "gone"}, ["b"])


def test_no_backend_means_no_permission() -> None:
    assert not of().is_permitted


@pytest.mark.parametrize(
    ("told", "line"),
    [
        (WELL, "our rules stand in nf_tables filter/DOCKER-USER"),
        (replace(WELL, slots={}), "nothing to open: neither a hotspot nor Docker has made rules"),
        (
            replace(WELL, mode="report", slots={"a": False, "b": True, "c": False}),
            "report only: our rules are missing in a, c",
        ),
        (
            replace(WELL, problems={"nf_tables": "no library\nmore"}),
            "our rules stand in nf_tables filter/DOCKER-USER; nf_tables: no library",
        ),
        (replace(WELL, fights=["x"]), "x: another program keeps changing our rules"),
        (
            replace(WELL, forwarding=False),
            "our rules stand in nf_tables filter/DOCKER-USER; "
            "the kernel does not forward from wlan0",
        ),
        (
            replace(WELL, is_permitted=False),
            "report only: no CAP_NET_ADMIN, rules can be neither seen nor set",
        ),
    ],
)
def test_the_status_says_what_matters(told: Figures, line: str) -> None:
    assert status(told, "wlan0") == line
