"""A host of the home's network with a route to Docker's bridge: iptables-init keeps it out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.integration.docker_rules import DOCKER_20, DOCKER_28, DOCKER_29_NFT
from tests.integration.host_firewall import GATEWAY
from tests.integration.iptables_init import Worker
from tests.integration.namespaces import machine_rules
from tests.integration.routed_lan import CLOSED, SPOOFED, STRANGER, UDP, RoutedLan
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.integration

HEAL_S = 20.0  # loosely, for a busy machine
# Docker sets the policy only if it is the first that lets the kernel forward.
FORWARDING_BEFORE = DOCKER_20.replace(":FORWARD DROP", ":FORWARD ACCEPT")
OF_HOST = [one for one in CLOSED if one[0] == GATEWAY]


class Case(NamedTuple):
    """`at_first`: what a stranger reaches without iptables-init."""

    name: str
    iptables: str
    docker: str
    at_first: list[tuple[str, int]]


CASES = [
    Case("Docker 20, the kernel forwarded before", "legacy", FORWARDING_BEFORE, list(CLOSED)),
    Case("Docker 20, legacy", "legacy", DOCKER_20, OF_HOST),
    Case("Docker 20, iptables-nft, forwarded before", "nft", FORWARDING_BEFORE, list(CLOSED)),
    Case("Docker 28, legacy", "legacy", DOCKER_28, OF_HOST),
    Case("Docker 29, native nf_tables", "legacy", DOCKER_29_NFT, OF_HOST),
]


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Iterator[Case]:
    before = machine_rules()
    chosen: Case = request.param
    yield chosen
    assert machine_rules() == before


def test_a_host_with_a_route_to_the_bridge_reaches_published_ports_only(
    case: Case, tmp_path: Path
) -> None:
    with RoutedLan(case.iptables, case.docker) as home:
        home.set_mode("off")
        # A subset: Docker 28 and later drop what is for a container, but here not for .3
        assert set(case.at_first) <= set(home.reached())
        assert (GATEWAY, 7846) in home.reached_with_udp(SPOOFED)
        assert home.door_is_open()
        with Worker(home, tmp_path, period_s=1) as worker:
            eventually(lambda: not home.reached(), HEAL_S, "the bridge is closed")
            for source in (STRANGER, SPOOFED):
                assert home.reached_with_udp(source) == []
            assert home.door_is_open()
            assert home.containers_are_served()
            assert not home.reaches_link_local()
            home.set_mode("on")  # balena's Supervisor begins again
            assert home.reached() == []
            eventually(home.containers_are_served, HEAL_S, "the containers reach the host")
            assert worker.stop() == 0
        home.set_mode("off")
        assert home.our_rules() == []
        assert set(case.at_first) <= set(home.reached())


def test_the_bridge_stays_closed_when_its_name_changes(tmp_path: Path) -> None:
    with RoutedLan("legacy", FORWARDING_BEFORE) as home:
        home.set_mode("on")
        with Worker(home, tmp_path) as worker:
            eventually(lambda: not home.reached(), HEAL_S, "the bridge is closed")
            home.rename_bridge("br-other")
            eventually(home.is_open, HEAL_S, "containers of the new bridge reach the host")
            assert home.reached() == []
            assert home.reached_with_udp(SPOOFED) == []
            assert worker.stop() == 0
        assert home.reached_with_udp(STRANGER) == [UDP[1]]  # balena's firewall has the host
