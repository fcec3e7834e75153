"""How long the portal stays open, closed and away, in virtual time."""

from itertools import pairwise

import pytest
from msgspec.structs import replace

from hems.protocols.host.network_manager import NetworkState
from hems.workers.wifi_connect.portal_policy import ON_AIR_S, PortalPolicy
from tests.workers.wifi_connect.site import KNOWN, OFFLINE, ON_WIFI, SETTINGS, SSID, Site, on_air


def test_a_known_network_is_tried_less_and_less_often() -> None:
    site = Site(PortalPolicy(replace(SETTINGS, open_s=86400.0), SSID, 0.0))
    site.stay(KNOWN, 4 * 3600.0)
    spans = [after - before for before, after in pairwise(site.changes)]
    assert spans[:10:2] == [300.0, 600.0, 1200.0, 1800.0, 1800.0]
    assert set(spans[1::2]) == {SETTINGS.try_s}


def test_whoever_jams_the_wifi_has_the_portal_for_a_short_time_only() -> None:
    """In a day of a loss; again in the next one, after a connection."""
    site = Site()
    for _ in range(2):
        site.stay(ON_WIFI, 1000.0)
        site.changes.clear()
        site.stay(KNOWN, 86400.0)
        spans = [after - before for before, after in pairwise(site.changes)]
        opened, closed = spans[::2], spans[1::2]
        assert max(opened) <= SETTINGS.open_s
        assert sum(opened) < 2.5 * 3600
        pauses = [span for span in closed if span != SETTINGS.try_s]
        assert pauses[:5] == [900.0, 1800.0, 3600.0, 7200.0, 14400.0]
        assert max(closed) == SETTINGS.pause_max_s


@pytest.mark.parametrize("lost", [KNOWN, OFFLINE])
def test_the_portal_opens_for_a_limited_time_after_a_loss(lost: NetworkState) -> None:
    site = Site()
    site.stay(ON_WIFI, 1000.0)
    site.stay(lost, SETTINGS.lost_s + SETTINGS.open_s + 100.0)
    assert not site.is_open
    assert site.changes[-1] - site.changes[0] == SETTINGS.open_s


def test_somebody_who_types_is_not_cut_off_but_cannot_stay() -> None:
    site = Site()
    site.stay(ON_WIFI, 1000.0)
    site.stay(OFFLINE, SETTINGS.lost_s + 2 * SETTINGS.open_s + 100.0, is_used=True)
    assert site.changes[1] - site.changes[0] == SETTINGS.try_after_max_s


def test_the_network_that_is_tried_is_named() -> None:
    policy = PortalPolicy(SETTINGS, SSID, -SETTINGS.grace_s)
    policy.decide(KNOWN, 0.0, is_used=False)
    decision = policy.decide(on_air(KNOWN), SETTINGS.try_after_s, is_used=False)
    assert decision == ("", "the portal is closed to try Home")


def test_it_stays_open_for_somebody_but_not_for_a_phone_that_never_leaves() -> None:
    site = Site()
    site.stay(KNOWN, 86400.0, is_used=True)
    spans = [after - before for before, after in pairwise(site.changes)]
    assert set(spans[::2]) == {SETTINGS.try_after_max_s}


def test_its_use_restarts_the_wait() -> None:
    site = Site()
    site.stay(KNOWN, SETTINGS.grace_s + 200.0)
    site.stay(KNOWN, 100.0, is_used=True)
    site.stay(KNOWN, SETTINGS.try_after_s - 10.0)
    assert site.is_open
    site.stay(KNOWN, 20.0)
    assert not site.is_open


def test_a_connection_ends_the_row_of_tries() -> None:
    site = Site()
    site.stay(KNOWN, 2 * 3600.0)
    site.stay(ON_WIFI, 1000.0)
    site.changes.clear()
    site.stay(KNOWN, 3600.0)
    assert site.changes[1] - site.changes[0] == SETTINGS.try_after_s


@pytest.mark.parametrize("is_failure", [False, True])
def test_a_portal_that_ends_by_itself_ends_the_row_of_tries(is_failure: bool) -> None:
    site = Site()
    site.stay(KNOWN, 2 * 3600.0)
    site.policy.note_end(site.now, is_failure=is_failure)
    site.is_open = False
    site.changes.clear()
    site.stay(KNOWN, 3600.0)
    assert site.changes[1] - site.changes[0] == SETTINGS.try_after_s


def test_a_portal_that_fails_is_opened_again_less_and_less_often() -> None:
    policy, now = PortalPolicy(SETTINGS, SSID, -SETTINGS.grace_s), 0.0
    pauses = []
    for _ in range(7):
        assert policy.decide(OFFLINE, now, is_used=False).interface
        policy.note_end(now, is_failure=True)
        failed_at = now
        while not policy.decide(OFFLINE, now, is_used=False).interface:
            now += 1.0
        pauses.append(now - failed_at)
    assert pauses == [30.0, 60.0, 120.0, 240.0, 480.0, 900.0, 900.0]


@pytest.mark.parametrize("end", [ON_WIFI, KNOWN])  # a connection; a portal that worked till a try
def test_a_row_of_failures_ends(end: NetworkState) -> None:
    site = Site()
    for _ in range(5):
        site.policy.note_end(site.now, is_failure=True)
    site.stay(end, 1000.0)
    site.policy.note_end(site.now, is_failure=True)
    site.is_open = False
    site.changes.clear()
    failed_at = site.now
    site.stay(KNOWN, 100.0)
    assert site.changes == [failed_at + SETTINGS.failure_pause_s]


def test_a_portal_that_is_not_on_the_air_has_failed() -> None:
    policy = PortalPolicy(SETTINGS, SSID, -SETTINGS.grace_s)
    policy.decide(OFFLINE, 0.0, is_used=False)
    assert policy.decide(OFFLINE, ON_AIR_S, is_used=False).interface
    later = policy.decide(OFFLINE, ON_AIR_S + 1.0, is_used=False)
    assert later == ("", "the portal is not on the air; it opens again later")


def test_what_a_person_chose_has_its_time_to_connect() -> None:
    site = Site()
    site.stay(OFFLINE, 200.0)
    site.policy.note_end(site.now, is_failure=False)
    site.is_open = False
    site.changes.clear()
    site.stay(KNOWN, 300.0)
    assert site.changes == [200.0 + SETTINGS.try_s]


def test_what_cannot_be_seen_is_not_offline() -> None:
    policy = PortalPolicy(SETTINGS, SSID, 0.0)
    policy.postpone(1000.0)
    assert not policy.decide(OFFLINE, 1000.0 + SETTINGS.grace_s - 1.0, is_used=False).interface
    assert policy.decide(OFFLINE, 1000.0 + SETTINGS.grace_s, is_used=False).interface


def test_a_longer_pause_is_not_made_shorter_by_what_cannot_be_seen() -> None:
    policy, now = PortalPolicy(SETTINGS, SSID, -SETTINGS.grace_s), 0.0
    for _ in range(10):
        policy.note_end(now, is_failure=True)
    policy.postpone(now)
    assert not policy.decide(OFFLINE, SETTINGS.failure_pause_max_s - 1, is_used=False).interface
