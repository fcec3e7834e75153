"""The order in which the watchdog probes the internet: the cheapest proof first."""

from __future__ import annotations

from typing import cast

import pytest
from pytest_mock import MockerFixture

from hems.clients.balena.supervisor_api import BalenaSupervisor
from hems.clients.internet import reachability_probes
from hems.errors import Unavailable
from hems.protocols.gateway.watchdog_report import Internet
from hems.settings.watchdog import WatchdogSettings
from hems.workers.watchdog import internet_probe

SETTINGS = WatchdogSettings(
    http_urls=("http://a/", "http://b/"), tcp_targets=("c:443", "d:53"), icmp_targets=("192.0.2.1",)
)
EVERYTHING = ["VPN", "http://a/", "http://b/", "c", "d", "192.0.2.1"]


class Network:
    """Records the probes; only the one called `answering` answers."""

    def __init__(self, answering: str) -> None:
        self.probes: list[str] = []
        self._answering = answering

    def is_vpn_connected(self) -> bool:
        self.probes.append("VPN")
        return self._answering == "VPN"

    def reach(self, name: str, *_: object) -> bool:
        self.probes.append(name)
        if name != self._answering:
            raise Unavailable(f"{name} is away")
        return False  # no portal


def probes(mocker: MockerFixture, answering: str, *, has_supervisor: bool = True) -> list[str]:
    """Return the names of the probes that run, in their order."""
    network = Network(answering)
    for name in ("is_portal", "reach_tcp", "reach_icmp"):
        mocker.patch.object(reachability_probes, name, network.reach)
    supervisor = cast("BalenaSupervisor", network) if has_supervisor else None
    result = internet_probe(SETTINGS, supervisor, lambda: 0.0)()
    assert (result.internet is Internet.ONLINE) is (answering != "")
    return network.probes


@pytest.mark.parametrize("count", range(1, len(EVERYTHING) + 1))
def test_the_probes_run_from_the_cheapest_proof_to_the_first_that_succeeds(
    mocker: MockerFixture, count: int
) -> None:
    assert probes(mocker, EVERYTHING[count - 1]) == EVERYTHING[:count]


def test_every_probe_runs_when_nothing_answers(mocker: MockerFixture) -> None:
    assert probes(mocker, "") == EVERYTHING


def test_without_a_supervisor_the_pages_come_first(mocker: MockerFixture) -> None:
    assert probes(mocker, "http://a/", has_supervisor=False) == ["http://a/"]
