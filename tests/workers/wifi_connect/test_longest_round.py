"""The worker where all that it asks takes its longest, in virtual time.

The health check and docker-compose.yml are more patient. A portal that ends by itself is closed
without asking for its stations: that takes less.
"""

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import hems
from dev.check import compose_file
from hems.protocols.host.network_manager import NetworkState, SavedWifi
from hems.settings.wifi_connect import LONGEST_PERIOD_S, WifiConnectSettings
from hems.supervision.health.container_healthcheck import MAX_AGE_S
from hems.system.network import captive_portal, network_manager
from hems.system.subprocesses import KILLED_S
from hems.workers.wifi_connect import WifiConnect
from tests.fakes.time import FakeTime, context
from tests.fakes.wifi import FakeWifi, not_on_disk

ROOT = Path(hems.__file__).parents[1]
SETTINGS = WifiConnectSettings(period_s=LONGEST_PERIOD_S)
PROGRAM_S = captive_portal.TIMEOUT_S
CLOSE_S = captive_portal.GRACE_S + KILLED_S + PROGRAM_S


@dataclass
class SlowWifi(FakeWifi):
    time: FakeTime = field(default_factory=FakeTime)

    def state(self) -> NetworkState:
        self.time.now += network_manager.TIMEOUT_S
        return super().state()

    def forget_access_point(self, name: str) -> None:
        self.time.now += network_manager.TIMEOUT_S
        super().forget_access_point(name)

    def wifi_profiles(self) -> tuple[SavedWifi, ...]:
        self.time.now += network_manager.TIMEOUT_S
        return super().wifi_profiles()

    def restore(self, kept: tuple[SavedWifi, ...]) -> dict[SavedWifi, str]:
        self.time.now += network_manager.TIMEOUT_S
        return super().restore(kept)

    def open(self, interface: str) -> None:
        self.time.now += 2 * PROGRAM_S  # it looks whether the rule is there
        super().open(interface)

    def close(self) -> None:
        self.time.now += CLOSE_S
        super().close()

    def has_stations(self, interface: str) -> bool:
        self.time.now += PROGRAM_S
        return super().has_stations(interface)


def beats(until: float) -> tuple[list[float], float]:
    """Return when the worker beat, and when it ended after a stop at `until`."""
    ctx, time, _ = context(until)
    wifi, times = SlowWifi(time=time), [0.0]
    WifiConnect(SETTINGS, wifi, wifi, not_on_disk(), times.append).run(ctx)
    assert "open wlan0" in wifi.history
    return times, time.now


def test_the_health_check_waits_for_the_longest_round() -> None:
    times, _ = beats(4 * 3600.0)
    longest_s = max(after - before for before, after in pairwise(times))
    assert longest_s < MAX_AGE_S
    # The longest step after the shortest: a beat may come at once, the next after all of it.
    step_s = 2 * network_manager.TIMEOUT_S + PROGRAM_S + CLOSE_S
    assert SETTINGS.period_s + step_s < MAX_AGE_S


def test_the_engine_waits_until_the_portal_is_gone() -> None:
    patience_s = compose_file.seconds(
        compose_file.read(ROOT).services["wifi-connect"].stop_grace_period
    )
    first = int(SETTINGS.grace_s + SETTINGS.period_s)  # it is opened by then
    for until in range(first, first + 600):
        assert beats(until)[1] - until < patience_s
