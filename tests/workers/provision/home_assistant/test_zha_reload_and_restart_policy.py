"""A Zigbee stick that hangs: the entry is loaded again, then Home Assistant restarts, in bounds."""

import pytest

from hems.errors import Unavailable
from hems.protocols.gateway.zigbee_problem_kinds import ZIGBEE_STICK_SILENT
from tests.fakes.balena import FakeSupervisor
from tests.fakes.home_assistant import FakeHomeAssistant
from tests.fakes.provision import Home
from tests.fakes.zha import FakeZha

PERIOD_S, DAY_S = 60.0, 86400.0
RESTART = "restart homeassistant"


@pytest.fixture
def zha(peer: FakeHomeAssistant) -> FakeZha:
    return peer.zha


@pytest.fixture
def balena(home: Home) -> FakeSupervisor:
    """Return what restarts services; a set-up has been done, with the restarts that it takes."""
    assert home.supervisor is not None
    assert home.home_assistant is not None
    home.home_assistant.zha.plug_in(network="of the home")
    home.run(2 * PERIOD_S)
    home.supervisor.requests.clear()
    return home.supervisor


class Hang:
    """The state in which the entry is, and when something was done about it."""

    def __init__(self, zha: FakeZha, balena: FakeSupervisor, state: str) -> None:
        self.reloads: list[float] = []
        self.restarts: list[float] = []
        self._zha, self._balena = zha, balena
        zha.entries[0] |= {"state": state, "reason": ""}
        self._known = zha.reloads

    def look(self, now: float) -> None:
        if self._zha.reloads > self._known:
            self._known = self._zha.reloads
            self.reloads.append(now)
        if len(self._balena.requests) > len(self.restarts):
            self.restarts.append(now)


def test_the_entry_is_loaded_again_with_growing_pauses_and_one_restart_a_day(
    home: Home, zha: FakeZha, balena: FakeSupervisor
) -> None:
    hang = Hang(zha, balena, "setup_retry")
    home.run(DAY_S + 7200, hang.look)
    assert ZIGBEE_STICK_SILENT.name in {one.name for one in home.notifier.latest_problems or ()}
    assert [round(at / PERIOD_S) for at in hang.reloads[:5]] == [0, 5, 15, 35, 75]
    assert len(hang.reloads) < 35
    assert set(balena.requests) == {RESTART}
    assert hang.restarts[0] == pytest.approx(900, abs=2 * PERIOD_S)
    assert [round(at / DAY_S) for at in hang.restarts] == [0, 1]
    assert "the Zigbee stick does not work" in str(home.notifier.latest_metrics["last_restart"])


def test_what_only_a_restart_ends_is_named_and_ended_so(
    home: Home, zha: FakeZha, balena: FakeSupervisor
) -> None:
    for _ in range(2):  # hems starts again meanwhile
        hang = Hang(zha, balena, "failed_unload")
        home.run(800.0, hang.look)
        assert (hang.reloads, balena.requests) == ([], [])
        found = ZIGBEE_STICK_SILENT.found("its set-up hangs in the state failed_unload")
        assert found in (home.notifier.latest_problems or ())
        home.run(1200.0, hang.look)
        assert balena.requests == [RESTART]
        home.epoch += DAY_S
        balena.requests.clear()
        zha.entries[0]["state"] = "loaded"
        home.run(PERIOD_S)
        assert ZIGBEE_STICK_SILENT.name not in {
            one.name for one in home.notifier.latest_problems or ()
        }


def test_a_state_that_ends_by_itself_is_no_problem(
    home: Home, zha: FakeZha, balena: FakeSupervisor
) -> None:
    hang = Hang(zha, balena, "setup_in_progress")
    for _ in range(3):
        home.run(200.0, hang.look)
        assert not any(
            one.name == ZIGBEE_STICK_SILENT.name for one in home.notifier.latest_problems or ()
        )
    assert (hang.reloads, balena.requests) == ([], [])


def test_a_stick_that_is_away_restarts_nothing(
    home: Home, zha: FakeZha, balena: FakeSupervisor
) -> None:
    hang = Hang(zha, balena, "setup_retry")
    zha.ports[0]["present"] = False
    home.run(7200, hang.look)
    assert balena.requests == []
    assert len(hang.reloads) == 1


def test_a_stick_that_works_again_before_the_restart_needs_none(
    home: Home, zha: FakeZha, balena: FakeSupervisor
) -> None:
    for _ in range(2):
        Hang(zha, balena, "setup_retry")
        before = balena.running["homeassistant"]
        balena.refusal = Unavailable("it does not answer")

        def recover(now: float) -> None:
            if now > 1800 and zha.entries[0]["state"] == "setup_retry":
                assert home.waiting_reason("restart of homeassistant for Zigbee")
                zha.entries[0]["state"] = "loaded"
            if now > 2400:
                balena.refusal = None

        home.run(3600, recover)
        assert balena.running["homeassistant"] == before
        assert home.waiting_reason("restart of homeassistant for Zigbee") == ""
        home.epoch += DAY_S


def test_once_a_day_at_most_holds_when_hems_starts_again(
    home: Home, zha: FakeZha, balena: FakeSupervisor
) -> None:
    for _ in range(2):
        Hang(zha, balena, "setup_retry")
        for _ in range(3):
            home.run(3600)
            home.epoch += 3600
        assert balena.requests == [RESTART]
        balena.requests.clear()
        home.epoch += DAY_S


def test_an_entry_that_a_person_removes_and_adds_is_new(
    home: Home, zha: FakeZha, balena: FakeSupervisor
) -> None:
    hang = Hang(zha, balena, "failed_unload")
    [entry] = zha.entries
    for _ in range(2):

        def add_again(now: float) -> None:
            hang.look(now)
            zha.entries[:] = [] if 800 < now < 1000 else [entry]

        home.run(1400, add_again)
        assert hang.restarts == []
        home.epoch += DAY_S
        found = [one.found for one in home.notifier.latest_problems or ()]
        assert "its set-up hangs in the state failed_unload" in found


def test_a_restart_in_the_future_had_a_wrong_clock(
    home: Home, zha: FakeZha, balena: FakeSupervisor
) -> None:
    Hang(zha, balena, "setup_retry")
    for requests in ([RESTART], [RESTART, RESTART]):
        home.run(1200)
        assert balena.requests == requests
        home.epoch -= 3 * DAY_S
