import json
from datetime import datetime

import pytest

from dev.simulator.home_day import Appliance
from dev.simulator.household import Household
from dev.simulator.mqtt_wallbox import NAME, announcements, state, wallbox
from hems.errors import ConfigError
from hems.settings import Settings

MORNING = int(datetime.fromisoformat("2026-03-02T01:00:00+01:00").timestamp())


def test_it_says_what_the_car_takes() -> None:
    home = Household(5)
    charging = [day for day in range(7) if home.appliance(Appliance.CAR, _day(day)).watts > 3000]
    assert len(charging) == 4
    reading = home.appliance(Appliance.CAR, _day(charging[0]))
    assert json.loads(state(reading)) == {"energy": reading.energy_wh, "power": reading.watts}


def test_it_announces_only_what_its_login_may() -> None:
    for topic, payload in announcements("homeassistant"):
        entity = json.loads(payload)
        assert topic.startswith(f"homeassistant/sensor/{NAME}/")
        assert entity["state_topic"].startswith(f"{NAME}/")
        assert entity["unique_id"].startswith(NAME)


def _day(number: int) -> int:
    return MORNING + 86_400 * number


def test_without_its_login_it_does_not_start() -> None:
    with pytest.raises(ConfigError, match="MQTT_USERS has no login wallbox"):
        wallbox(Settings(), Household(5), 1884)
