from __future__ import annotations

import pytest

from hems.clients import connectivity
from hems.errors import Unavailable
from hems.protocols.watchdog_state import Internet
from hems.settings import Settings
from hems.settings.watchdog import Watchdog
from hems.workers.led import probes
from hems.workers.led.rounds import STUCK_S
from hems.workers.watchdog import probes as watchdog_probes

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


def settings(network: Network, monkeypatch: pytest.MonkeyPatch, targets: int = 1) -> Settings:
    """Return settings of so many targets of each kind, which `network` answers for."""

    def is_portal(*_: object) -> bool:
        network.ask("http")
        return False

    monkeypatch.setattr(connectivity, "is_portal", is_portal)
    monkeypatch.setattr(connectivity, "reach_tcp", lambda *_: network.ask("tcp"))
    monkeypatch.setattr(connectivity, "reach_icmp", lambda *_: network.ask("icmp"))
    for module in (probes, watchdog_probes):
        monkeypatch.setattr(module, "has_link", lambda: True)
    return Settings(
        watchdog=Watchdog(
            http_urls=("http://h/",) * targets,
            tcp_targets=("192.0.2.1:443",) * targets,
            icmp_targets=("192.0.2.1",) * targets,
        )
    )


@pytest.mark.parametrize("way", ["http", "tcp", "icmp", "none"])
def test_led_and_watchdog_see_the_same_internet(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network(way)
    own = settings(network, monkeypatch)
    found = probes.peers(own).look_out(network.monotonic)
    assert found.internet is (Internet.LAN_ONLY if way == "none" else Internet.ONLINE)
    assert found == watchdog_probes.internet(own.watchdog, None, network.monotonic)()


def test_a_look_ends_long_before_it_counts_as_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network()
    begun = network.now
    own = settings(network, monkeypatch, targets=1000)
    found = probes.peers(own).look_out(network.monotonic)
    assert found.internet is Internet.LAN_ONLY
    assert network.now - begun < STUCK_S / 2
