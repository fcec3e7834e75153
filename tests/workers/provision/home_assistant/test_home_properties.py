"""A wrong property of the home costs itself only, and is put right when it is corrected."""

import msgspec
import pytest

from hems.settings.home_assistant import HomeAssistantSettings
from hems.settings.validation_problems import DEFAULT, SettingsProblem
from tests.fakes.home_assistant import STEPS, FakeHomeAssistant
from tests.fakes.provision import Home

LONG_S = 660.0  # it asks after 0, 10, 30, 70, 150, 310 and 630 s
PROPERTIES = HomeAssistantSettings(country="XX", currency="XXX", time_zone="Asia/Tokyo")
REFUSED = {"country": {"XX"}, "currency": {"XXX"}}


@pytest.fixture
def wrong(home: Home, peer: FakeHomeAssistant) -> Home:
    """Return a gateway with a country and a currency that Home Assistant refuses."""
    peer.refused = dict(REFUSED)
    home.properties = PROPERTIES
    return home


@pytest.mark.usefixtures("devices")
def test_what_it_refuses_costs_that_value_only(wrong: Home, peer: FakeHomeAssistant) -> None:
    wrong.run(LONG_S)
    assert sorted(peer.done) == sorted(STEPS)
    given = {name: peer.home[name] for name in ("country", "currency", "time_zone", "latitude")}
    assert given == {
        "country": "FR",
        "currency": "EUR",
        "time_zone": "Asia/Tokyo",
        "latitude": 48.8566,
    }
    assert peer.home["unit_system"] == "metric"
    assert len(peer.entries) == 1
    assert peer.energy is not None
    assert len(peer.dashboards) == 2


def test_what_it_refuses_is_reported_until_it_is_corrected(
    wrong: Home, peer: FakeHomeAssistant
) -> None:
    for _ in range(2):  # a new process reports it as well
        wrong.run(LONG_S)
        reason = wrong.waiting_reason("Home Assistant")
        assert "it refuses country 'XX', currency 'XXX' and uses the default" in reason
    wrong.properties = msgspec.structs.replace(PROPERTIES, country="BE", currency="CHF")
    wrong.run(LONG_S)
    assert wrong.waiting_reason("Home Assistant") == ""
    assert (peer.home["country"], peer.home["currency"]) == ("BE", "CHF")


def test_it_is_asked_about_a_refused_value_once_in_a_process(
    wrong: Home, peer: FakeHomeAssistant
) -> None:
    wrong.run(LONG_S)
    peer.history.clear()
    wrong.run(3 * LONG_S)
    assert len([one for one in peer.history if one.startswith("config/core/update: ")]) == 2


def test_a_value_that_a_person_has_chosen_meanwhile_stays(
    wrong: Home, peer: FakeHomeAssistant
) -> None:
    wrong.run(LONG_S)
    peer.home["country"] = "CH"
    wrong.properties = msgspec.structs.replace(PROPERTIES, country="BE", currency="CHF")
    wrong.run(LONG_S)
    assert (peer.home["country"], peer.home["currency"]) == ("CH", "CHF")


def test_a_mistake_in_the_settings_is_put_right_when_it_is_corrected(
    home: Home, peer: FakeHomeAssistant
) -> None:
    mistake = SettingsProblem("home_assistant", "time_zone", DEFAULT, "time_zone")
    home.mistakes, home.has_mistakes = (mistake,), True
    home.run(LONG_S)
    assert peer.home["time_zone"] == "Europe/Paris"
    home.run(LONG_S)  # still wrong
    assert peer.home["time_zone"] == "Europe/Paris"
    home.mistakes, home.has_mistakes = (), False
    home.properties = HomeAssistantSettings(time_zone="Asia/Tokyo")
    home.run(LONG_S)
    assert peer.home["time_zone"] == "Asia/Tokyo"
    peer.home["time_zone"] = "Europe/Paris"  # a person's choice
    home.run(LONG_S)
    assert peer.home["time_zone"] == "Europe/Paris"


def test_a_mistake_in_a_variable_over_another_value_of_the_file_is_put_right_too(
    home: Home, peer: FakeHomeAssistant
) -> None:
    mistake = SettingsProblem("home_assistant", "time_zone", DEFAULT, "time_zone")
    home.mistakes, home.has_mistakes = (mistake,), True
    home.properties = HomeAssistantSettings(time_zone="Europe/Rome")
    home.run(LONG_S)
    assert peer.home["time_zone"] == "Europe/Rome"
    home.mistakes, home.has_mistakes = (), False
    home.properties = HomeAssistantSettings(time_zone="Asia/Tokyo")
    home.run(LONG_S)
    assert peer.home["time_zone"] == "Asia/Tokyo"


def test_a_correct_value_that_changes_later_is_a_persons_business(
    home: Home, peer: FakeHomeAssistant
) -> None:
    home.run(LONG_S)
    home.properties = HomeAssistantSettings(time_zone="Asia/Tokyo")
    home.run(LONG_S)
    assert peer.home["time_zone"] == "Europe/Paris"
