"""However and whenever it ends, the next process brings Home Assistant to the same state."""

import msgspec
import pytest

from hems.settings.shared_secret_rules import Secret
from hems.workers.provision.home_assistant.setup_record import HomeAssistantSetupRecord
from hems.workers.provision.provision_record import digest
from tests.fakes.home_assistant import FakeHomeAssistant
from tests.fakes.provision import Home
from tests.workers.provision.home_assistant.conftest import (
    ANOTHER,
    discover_another,
    is_set_up,
)

LONG_S = 400.0  # long enough for all that the worker does
ENOUGH_S = 130.0  # three looks: the last makes the dashboard


def write_record_of_another(home: Home) -> None:
    """Write the record of an earlier Home Assistant, which refused the login."""
    login = [home.secret(one).encode() for one in (Secret.CONFIG_USER, Secret.CONFIG_PASSWORD)]
    record = HomeAssistantSetupRecord(refused=digest(login), has_energy=True, has_dashboard=True)
    (home.data / "homeassistant.json").write_bytes(msgspec.json.encode(record))


@pytest.mark.usefixtures("devices")
@pytest.mark.parametrize("has_record", [False, True])
def test_killed_after_any_step_it_ends_the_same(home: Home, *, has_record: bool) -> None:
    if has_record:
        write_record_of_another(home)
    number = 0
    for number, copy in enumerate(home.killed(LONG_S), 1):
        assert copy.home_assistant is not None
        left_open = set(copy.home_assistant.flows)
        copy.run(ENOUGH_S)
        assert is_set_up(copy), number
        assert copy.notifier.latest_metrics["waiting"] == {}, number
        assert copy.home_assistant.accounts.failures == 0, number
        assert copy.home_assistant.flows <= left_open, number
    assert number > 40


@pytest.mark.usefixtures("devices")
def test_killed_after_any_step_of_a_new_password_it_ends_the_same(
    home: Home, peer: FakeHomeAssistant
) -> None:
    home.run(LONG_S)
    home.environ = {**home.environ, "MQTT_HOMEASSISTANT_PASSWORD": "a new one"}
    peer.broker = {"homeassistant": "a new one"}
    number = 0
    for number, copy in enumerate(home.killed(LONG_S), 1):
        copy.run(ENOUGH_S)
        assert is_set_up(copy), number
    assert number > 8


@pytest.mark.usefixtures("devices")
def test_killed_after_any_step_of_a_newer_dashboard_it_ends_the_same(
    home: Home, peer: FakeHomeAssistant
) -> None:
    home.run(LONG_S)
    discover_another(peer)
    number = 0
    for number, copy in enumerate(home.killed(LONG_S), 1):
        copy.run(ENOUGH_S)
        assert is_set_up(copy), number
        assert copy.home_assistant is not None
        assert ANOTHER in str(copy.home_assistant.energy), number
        assert ANOTHER in str(copy.home_assistant.dashboards), number
    assert number > 8
