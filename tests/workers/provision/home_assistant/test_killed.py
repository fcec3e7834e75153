"""However and whenever it ends, the next life brings Home Assistant to the same state."""

from collections.abc import Callable

import msgspec
import pytest

from hems.settings.logins import Secret
from hems.workers.provision.home_assistant.memory import Record
from hems.workers.provision.restarts import digest
from tests.fakes.provision import Home, Killed, disk
from tests.workers.provision.home_assistant.conftest import (
    ANOTHER,
    discover,
    discover_another,
    is_set_up,
)

LONG_S = 400.0


def run_killed_after(home: Home, limit: int) -> bool:
    """Run until request or change of the disk number `limit`; tell whether there was one."""
    count = 0

    def maybe_kill(*_: object) -> None:
        nonlocal count
        count += 1
        if count == limit:
            raise Killed

    assert home.home_assistant is not None
    home.home_assistant.on_request = maybe_kill
    try:
        with disk(maybe_kill):
            home.run(LONG_S)
    except Killed:
        return True
    finally:
        home.home_assistant.on_request = lambda number: None
    return False


def remember_another(home: Home) -> None:
    """Have the memory of a Home Assistant that was there before, and refused the login."""
    login = [home.secret(one).encode() for one in (Secret.CONFIG_USER, Secret.CONFIG_PASSWORD)]
    record = Record(refused=digest(login), has_energy=True, has_dashboard=True)
    (home.data / "homeassistant.json").write_bytes(msgspec.json.encode(record))


@pytest.mark.parametrize("remember", [lambda home: None, remember_another])
def test_killed_after_any_step_it_ends_the_same(
    new_home: Callable[[str], Home], remember: Callable[[Home], None]
) -> None:
    limit = 0
    is_killed = True
    while is_killed:
        limit += 1
        home = new_home(str(limit))
        assert home.home_assistant is not None
        discover(home.home_assistant)
        remember(home)
        is_killed = run_killed_after(home, limit)
        home.run(LONG_S)
        assert is_set_up(home), limit
        assert home.notifier.figures["waiting"] == {}, limit
        assert home.home_assistant.accounts.failures == 0, limit
        assert home.home_assistant.flows <= {f"flow-{number}" for number in range(limit)}
    assert limit > 60


def test_killed_after_any_step_of_a_new_password_it_ends_the_same(
    new_home: Callable[[str], Home],
) -> None:
    limit = 0
    is_killed = True
    while is_killed:
        limit += 1
        home = new_home(str(limit))
        assert home.home_assistant is not None
        discover(home.home_assistant)
        home.run(LONG_S)
        home.environ = {**home.environ, "MQTT_HOMEASSISTANT_PASSWORD": "a new one"}
        home.home_assistant.broker = {"homeassistant": "a new one"}
        is_killed = run_killed_after(home, limit)
        home.run(LONG_S)
        assert is_set_up(home), limit
    assert limit > 10


def test_killed_after_any_step_of_a_newer_dashboard_it_ends_the_same(
    new_home: Callable[[str], Home],
) -> None:
    limit = 0
    is_killed = True
    while is_killed:
        limit += 1
        home = new_home(str(limit))
        peer = home.home_assistant
        assert peer is not None
        discover(peer)
        home.run(LONG_S)
        discover_another(peer)
        is_killed = run_killed_after(home, limit)
        home.run(LONG_S)
        assert is_set_up(home), limit
        assert ANOTHER in str(peer.energy), limit
        assert ANOTHER in str(peer.dashboards), limit
    assert limit > 20
