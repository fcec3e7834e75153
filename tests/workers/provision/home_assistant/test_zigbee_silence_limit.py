"""For how long a Zigbee device may be silent before Home Assistant calls it unavailable."""

import pytest

from hems.settings.provision import ProvisionSettings
from tests.fakes.home_assistant import FakeHomeAssistant
from tests.fakes.provision import Home
from tests.fakes.zha import FakeZha, default_options

LONG_S = 1200.0


@pytest.fixture
def zha(peer: FakeHomeAssistant) -> FakeZha:
    peer.zha.plug_in(network="of the home")
    return peer.zha


def limits(zha: FakeZha) -> list[int]:
    kept = zha.options["zha_options"]
    return [kept[f"consider_unavailable_{kind}"] for kind in ("mains", "battery")]


def test_the_limit_for_mains_becomes_an_hour_once(home: Home, zha: FakeZha) -> None:
    home.run(LONG_S)
    assert limits(zha) == [3600, 21600]
    assert zha.options["zha_options"]["enable_identify_on_join"]
    assert zha.changes == 1
    for of_person in (7200, 600):
        zha.options["zha_options"]["consider_unavailable_mains"] = of_person
        home.run(LONG_S)
        assert limits(zha)[0] == of_person


def test_the_limit_is_that_of_the_gateway(home: Home, zha: FakeZha) -> None:
    home.own = ProvisionSettings(silent_after_s=1800.0)
    home.run(LONG_S)
    assert limits(zha) == [1800, 21600]


def test_the_limit_of_a_person_who_was_first_stays(home: Home, zha: FakeZha) -> None:
    zha.options["zha_options"]["consider_unavailable_mains"] = 900
    home.run(LONG_S)
    zha.options = default_options()
    home.run(LONG_S)
    assert limits(zha)[0] == 7200


def test_a_network_that_does_not_work_has_no_limit_yet(home: Home, zha: FakeZha) -> None:
    entry = {"entry_id": "1", "title": "", "state": "setup_retry", "reason": None}
    zha.entries.append(entry)
    home.run(LONG_S)
    entry["state"] = "loaded"
    home.run(LONG_S)
    assert limits(zha)[0] == 3600
