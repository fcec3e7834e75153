"""The worker with a radio that obeys the rules, in virtual time."""

from dataclasses import dataclass, field

import pytest

from hems.errors import HemsError, Rejected, Unavailable
from hems.settings.wifi_connect import WifiConnectSettings
from hems.workers.wifi_connect import PortalKeeper, WifiConnect
from tests.fakes.time import context
from tests.fakes.wifi import FakeWifi, not_on_disk

SETTINGS = WifiConnectSettings()


@dataclass
class Site:
    """A gateway whose keeper looks every ten seconds."""

    wifi: FakeWifi = field(default_factory=FakeWifi)
    now: float = 0.0

    def __post_init__(self) -> None:
        self.keeper = PortalKeeper(SETTINGS, self.wifi, self.wifi, not_on_disk(), 0.0)

    def stay(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            self.now += 10.0
            self.keeper.step(self.now)


@pytest.fixture
def site() -> Site:
    """Return a site whose portal has just opened."""
    opened = Site()
    opened.stay(SETTINGS.grace_s)
    assert opened.wifi.is_open
    opened.wifi.history.clear()
    return opened


def test_a_network_that_comes_back_is_joined_and_the_portal_stays_closed(site: Site) -> None:
    site.wifi.has_router = True
    site.stay(86400.0)
    assert site.wifi.history == ["close", "forget"]
    assert site.keeper.reason == "connected through wlan0, internet: full"


def test_the_portal_opens_again_when_no_network_was_there(site: Site) -> None:
    site.stay(SETTINGS.try_after_s + SETTINGS.try_s)
    assert site.wifi.history == ["close", "forget", "open wlan0"]


def test_it_is_not_closed_for_a_try_while_a_phone_is_with_it(site: Site) -> None:
    site.wifi.stations = 1
    site.stay(SETTINGS.try_after_max_s - 10.0)
    assert site.wifi.history == []


def test_not_to_know_whether_a_phone_is_there_is_no_reason_to_close(site: Site) -> None:
    site.wifi.iw_is_broken = True
    site.stay(SETTINGS.try_after_max_s - 10.0)
    assert site.wifi.history == []
    site.stay(10.0)
    assert site.wifi.history == ["close", "forget"]


def test_a_portal_that_failed_is_cleaned_up_and_opened_again(site: Site) -> None:
    site.wifi.outcome = "it ended with 14: the access point could not be made"
    site.stay(SETTINGS.failure_pause_s + 10.0)
    assert site.wifi.history == ["close", "forget", "open wlan0"]


def test_a_portal_that_connected_the_gateway_is_gone(site: Site) -> None:
    site.wifi.outcome = ""
    site.wifi.has_router = True
    site.stay(3600.0)
    assert site.wifi.history == ["close", "forget"]


def test_what_an_earlier_portal_left_goes_before_anything_is_opened() -> None:
    site = Site(FakeWifi(leftover=True, has_router=True))
    site.stay(3600.0)
    assert site.wifi.history == ["forget"]


def test_what_cannot_be_deleted_keeps_no_portal_shut(lines: list[str]) -> None:
    site = Site(FakeWifi(forget_fails=True))
    site.stay(SETTINGS.grace_s + SETTINGS.try_after_s)
    assert site.wifi.history == ["open wlan0", "close"]
    assert [line for line in lines if line.startswith("WARNING")] == [
        "WARNING a leftover access point: "
        "org.freedesktop.NetworkManager.Settings.PermissionDenied: no; trying again"
    ]


def test_what_could_not_be_deleted_is_deleted_later() -> None:
    site = Site(FakeWifi(forget_fails=True, has_router=True, leftover=True))
    site.stay(10.0)
    site.wifi.forget_fails = False
    site.stay(60.0)
    assert site.wifi.history == ["forget"]


@pytest.mark.parametrize("trouble", [Unavailable("no bus"), Rejected("no entry")])
def test_without_networkmanager_an_open_portal_stays_as_it_is(
    site: Site, trouble: HemsError
) -> None:
    site.wifi.trouble = trouble
    with pytest.raises(type(trouble)):
        site.stay(3600.0)
    assert site.wifi.history == []


def test_after_networkmanager_was_away_known_networks_have_their_time_again() -> None:
    site = Site(FakeWifi(trouble=Unavailable("no bus")))
    for _ in range(100):
        with pytest.raises(Unavailable):
            site.stay(10.0)
    site.wifi.trouble = None
    site.stay(SETTINGS.grace_s - 10.0)
    assert not site.wifi.is_open
    site.stay(10.0)
    assert site.wifi.is_open


def test_a_portal_that_cannot_be_started_is_not_tried_at_each_look() -> None:
    site = Site(FakeWifi(open_fails=True))
    site.stay(3600.0)
    # At 90 s, then after 30, 60, 120, 240, 480, 900, 900 s.
    assert site.wifi.history.count("fail") == 8


def test_the_status_has_the_reason_why_a_portal_cannot_be_started() -> None:
    site = Site(FakeWifi(open_fails=True))
    site.stay(SETTINGS.grace_s)
    assert site.keeper.reason == (
        "the portal cannot be opened: wifi-connect cannot be started: No such file or directory"
    )


def test_the_worker_publishes_its_status_and_closes_the_portal_when_it_stops() -> None:
    wifi = FakeWifi()
    beats: list[float] = []
    ctx, _, notifier = context(until=SETTINGS.grace_s + 20.0)
    WifiConnect(SETTINGS, wifi, wifi, not_on_disk(), beats.append).run(ctx)
    assert beats[:3] == [0.0, 10.0, 20.0]
    assert wifi.history == ["forget", "open wlan0", "close"]
    opened = "status no connection; the portal is open as 'HEMS silent-moon' on wlan0"
    assert opened in notifier.sent
    assert notifier.sent[0] == "ready"


def test_an_error_is_published_and_does_not_end_the_worker() -> None:
    wifi = FakeWifi(trouble=Unavailable("the bus /x: Connection refused"))
    ctx, _, notifier = context(until=100.0)
    WifiConnect(SETTINGS, wifi, wifi, not_on_disk(), lambda _: None).run(ctx)
    assert "status the bus /x: Connection refused" in notifier.sent
    assert wifi.history == []
