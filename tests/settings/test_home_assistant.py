import pytest

from hems.settings.home_assistant import HomeAssistant


def test_the_defaults_are_those_of_france() -> None:
    assert list(HomeAssistant().problems()) == []
    assert HomeAssistant().country == "FR"


def test_no_host_means_that_it_is_left_alone() -> None:
    assert list(HomeAssistant(host="").problems()) == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("host", "homeassistant", "an IPv4 address, or nothing"),
        ("location", " ", "a name for the home"),
        ("time_zone", "Europe Paris", "a name of the tz database such as Europe/Paris"),
        ("currency", "euro", "three letters of ISO 4217"),
        ("country", "fr", "two letters of ISO 3166-1"),
        ("language", "French", "a language such as fr or pt-BR"),
    ],
)
def test_what_home_assistant_would_not_take_is_told(name: str, value: str, expected: str) -> None:
    (problem,) = HomeAssistant(**{name: value}).problems()  # type: ignore[arg-type]
    assert problem == f"{name}: {value!r}, expected {expected}"


@pytest.mark.parametrize("zone", ["UTC", "Europe/Paris", "America/Port-au-Prince", "Etc/GMT+5"])
def test_zones_of_the_tz_database_are_taken(zone: str) -> None:
    assert list(HomeAssistant(time_zone=zone).problems()) == []
