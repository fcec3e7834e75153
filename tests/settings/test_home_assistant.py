import pytest

from hems.settings.home_assistant import HomeAssistantSettings
from hems.settings.section import wrong


def test_the_defaults_are_those_of_france() -> None:
    assert list(HomeAssistantSettings().problems()) == []
    assert HomeAssistantSettings().country == "FR"


def test_no_host_means_that_it_is_left_alone() -> None:
    assert list(HomeAssistantSettings(host="").problems()) == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("host", "homeassistant", "an IPv4 address, or nothing"),
        ("location", " ", "the name of the home"),
        ("time_zone", "Europe Paris", "a name of the tz database such as Europe/Paris"),
        ("currency", "euro", "three letters of ISO 4217"),
        ("country", "fr", "two letters of ISO 3166-1"),
        ("language", "French", "a language such as fr or pt-BR"),
    ],
)
def test_a_value_that_home_assistant_refuses_is_a_mistake(
    name: str, value: str, expected: str
) -> None:
    (problem,) = HomeAssistantSettings(**{name: value}).problems()  # type: ignore[arg-type]
    assert problem == wrong(name, value, expected)


@pytest.mark.parametrize(
    "zone", ["UTC", "Europe/Paris", "America/Port-au-Prince", "Etc/GMT+5", "EST5EDT"]
)
def test_zones_of_the_tz_database_are_taken(zone: str) -> None:
    assert list(HomeAssistantSettings(time_zone=zone).problems()) == []
