from __future__ import annotations

import pytest
from pytest_mock import MockerFixture

from hems.clients.internet import reachability_probes
from hems.errors import Unavailable
from hems.protocols.gateway.watchdog_report import Internet
from hems.settings import Settings
from hems.settings.watchdog import WatchdogSettings
from hems.workers import watchdog as watchdog_worker
from hems.workers.led import status_probes
from hems.workers.led.status_probes import STUCK_S

TIMEOUT_S = 3.0  # the longest that may be set


class Network:
    """Answers to the ways that a test names, and keeps the others waiting."""

    def __init__(self, *ways: str) -> None:
        self.ways = ways
        self.now = 5000.0

    def ask(self, way: str) -> None:
        if way not in self.ways:
            self.now += TIMEOUT_S
            raise Unavailable("no answer")

    def monotonic(self) -> float:
        return self.now


def settings(network: Network, mocker: MockerFixture, targets: int = 1) -> Settings:
    """Return settings of so many targets of each kind, which `network` answers for."""

    def is_portal(*_: object) -> bool:
        network.ask("http")
        return False

    mocker.patch.object(reachability_probes, "is_portal", is_portal)
    mocker.patch.object(reachability_probes, "reach_tcp", side_effect=lambda *_: network.ask("tcp"))
    mocker.patch.object(
        reachability_probes, "reach_icmp", side_effect=lambda *_: network.ask("icmp")
    )
    for module in (status_probes, watchdog_worker):
        mocker.patch.object(module, "has_link", return_value=True)
    return Settings(
        watchdog=WatchdogSettings(
            http_urls=("http://h/",) * targets,
            tcp_targets=("192.0.2.1:443",) * targets,
            icmp_targets=("192.0.2.1",) * targets,
        )
    )


@pytest.mark.parametrize("way", ["http", "tcp", "icmp", "none"])
def test_led_and_watchdog_see_the_same_internet(way: str, mocker: MockerFixture) -> None:
    network = Network(way)
    own = settings(network, mocker)
    reachability = status_probes.status_probes(own).check_internet(network.monotonic)
    assert reachability.internet is (Internet.LAN_ONLY if way == "none" else Internet.ONLINE)
    assert reachability == watchdog_worker.internet_probe(own.watchdog, None, network.monotonic)()


def test_probing_the_internet_ends_long_before_it_counts_as_stuck(
    mocker: MockerFixture,
) -> None:
    network = Network()
    begun = network.now
    own = settings(network, mocker, targets=1000)
    reachability = status_probes.status_probes(own).check_internet(network.monotonic)
    assert reachability.internet is Internet.LAN_ONLY
    assert network.now - begun < STUCK_S / 2
