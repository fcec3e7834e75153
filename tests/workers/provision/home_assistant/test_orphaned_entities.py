"""Entities that no discovery message has leave Home Assistant, and no other ever does."""

import pytest

from hems.workers.provision.home_assistant.orphaned_entities import LOADED_S
from tests.fakes.home_assistant import FakeHomeAssistant
from tests.fakes.provision import Home
from tests.workers.provision.home_assistant.conftest import GATEWAY, METER, registered

LONG_S = 4 * LOADED_S
ORPHANS = {f"sensor.{METER}_hchc", f"sensor.{GATEWAY}_unit_gone"}


def ids(peer: FakeHomeAssistant) -> set[str]:
    return {str(one["entity_id"]) for one in peer.registry}


@pytest.fixture
def orphans(peer: FakeHomeAssistant, devices: None) -> None:
    peer.registry += [*registered(METER, "hchc"), *registered(GATEWAY, "unit_gone")]
    peer.restored = {*ORPHANS, "light.kitchen"}


@pytest.mark.usefixtures("orphans")
def test_orphans_are_removed_again_and_again(home: Home, peer: FakeHomeAssistant) -> None:
    for _ in range(2):
        before = ids(peer)
        home.run(LONG_S)
        assert ids(peer) == before - ORPHANS
        peer.registry += [*registered(METER, "hchc"), *registered(GATEWAY, "unit_gone")]


@pytest.mark.usefixtures("orphans")
def test_what_is_loaded_late_stays(home: Home, peer: FakeHomeAssistant) -> None:
    def load(now: float) -> None:
        peer.restored = {"light.kitchen"} if now % LOADED_S > LOADED_S / 2 else {*ORPHANS}

    before = ids(peer)
    home.run(LONG_S, load)
    assert ids(peer) == before


@pytest.mark.usefixtures("orphans")
def test_a_device_that_is_not_there_at_all_keeps_its_entities(
    home: Home, peer: FakeHomeAssistant
) -> None:
    peer.restored = ids(peer)
    home.run(LONG_S)
    assert ids(peer) == peer.restored
