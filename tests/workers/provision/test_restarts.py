import json

import pytest

from hems.clients.balena import Locked
from hems.errors import Rejected, Unavailable
from tests.fakes.balena import FakeSupervisor
from tests.fakes.database import FakeDatabase
from tests.fakes.provision import Home


@pytest.fixture
def balena(home: Home) -> FakeSupervisor:
    assert home.supervisor is not None
    return home.supervisor


def test_the_first_pass_restarts_what_reads_its_files_at_its_start(
    home: Home, balena: FakeSupervisor
) -> None:
    home.run()
    assert balena.asked == ["restart mqtt", "restart homeassistant"]


def test_only_the_service_whose_files_have_changed_is_restarted(
    home: Home, balena: FakeSupervisor
) -> None:
    home.run()
    balena.asked.clear()
    home.environ = {"MQTT_PASSWORD": "another"}
    home.run()
    assert balena.asked == ["restart mqtt"]
    assert home.notifier.figures["last_restart"] == "mqtt was restarted: what it reads has changed"


@pytest.mark.parametrize("name", ["CONFIG_PASSWORD", "CONFIG_USER"])
def test_what_is_read_at_each_request_restarts_nothing(
    home: Home, balena: FakeSupervisor, name: str
) -> None:
    home.run()
    balena.asked.clear()
    home.environ = {name: "something-else"}
    home.run()
    assert balena.asked == []


def test_home_assistant_has_a_token_that_is_given_from_its_own_variables(
    home: Home, balena: FakeSupervisor
) -> None:
    home.environ = {"INFLUX_TOKEN": "given-by-a-variable"}
    home.run()
    home.environ = {}
    home.run()
    assert balena.asked == ["restart mqtt"]


def test_a_generated_token_that_was_lost_restarts_home_assistant(
    home: Home, balena: FakeSupervisor
) -> None:
    home.run()
    balena.asked.clear()
    (home.gateway / "secrets" / "INFLUX_TOKEN").unlink()
    home.run()
    assert balena.asked == ["restart homeassistant"]


def away(_token: str) -> FakeDatabase:
    raise Unavailable("InfluxDB is starting")


def test_home_assistant_is_restarted_when_influxdb_knows_the_token(
    home: Home, balena: FakeSupervisor
) -> None:
    database, is_up = FakeDatabase(is_new=True), False
    home.influxdb = lambda token: database if is_up else away(token)
    asked: list[list[str]] = []

    def come_up(now: float) -> None:
        nonlocal is_up
        asked.append(list(balena.asked))
        is_up = now >= 20

    home.run(until=35.0, during=come_up)
    assert asked == [["restart mqtt"]] * 3 + [["restart mqtt", "restart homeassistant"]]
    assert database.done == ["make home_assistant for 0"]
    assert home.notifier.figures["waiting"] == {}


def test_home_assistant_waits_for_influxdb_for_ten_minutes_only(
    home: Home, balena: FakeSupervisor
) -> None:
    home.influxdb = away
    home.run(until=595.0)
    assert balena.asked == ["restart mqtt"]
    waiting = home.notifier.figures["waiting"]
    assert isinstance(waiting, dict)
    assert waiting["restart of homeassistant"] == "waits for influxdb"
    home.run(until=605.0)
    assert balena.asked == ["restart mqtt", "restart homeassistant"]


def test_a_refusal_is_asked_again_ever_more_rarely_and_told_once(
    home: Home, balena: FakeSupervisor
) -> None:
    balena.refusal = Locked("423, locked")
    home.run(until=2500.0)
    assert balena.asked.count("restart mqtt") == 10  # after 10, 20, 40 … 320, 600, 600 s
    assert sum("restart of mqtt: 423, locked" in line for line in home.lines) == 1


def test_what_was_refused_is_done_once_it_is_allowed(home: Home, balena: FakeSupervisor) -> None:
    balena.refusal = Locked("423, locked")

    def unlock(now: float) -> None:
        if now >= 20:
            balena.refusal = None

    home.run(until=500.0, during=unlock)
    balena.asked.clear()
    home.run()
    assert balena.asked == []
    assert home.notifier.figures["waiting"] == {}


def test_a_restart_whose_answer_was_lost_is_not_made_again(
    home: Home, balena: FakeSupervisor
) -> None:
    balena.refusal = Unavailable("no answer within 60 s")
    asked: list[str] = []

    def restarted_all_the_same(now: float) -> None:
        if now == 0:
            asked.extend(balena.asked)
            balena.refusal = None
            balena.recreate("mqtt")
            balena.recreate("homeassistant")

    home.run(until=500.0, during=restarted_all_the_same)
    assert balena.asked == asked == ["restart mqtt", "restart homeassistant"]
    assert home.notifier.figures["waiting"] == {}


def test_a_service_that_does_not_run_is_not_restarted(home: Home, balena: FakeSupervisor) -> None:
    balena.change("mqtt", status="Downloading")
    home.run()
    assert balena.asked == ["restart homeassistant"]
    reason = "mqtt does not run now, or is being updated"
    assert home.notifier.figures["waiting"] == {"restart of mqtt": reason}


def test_a_supervisor_that_says_never_is_no_reason_to_end(
    home: Home, balena: FakeSupervisor
) -> None:
    balena.refusal = Rejected("401, the key is not valid")
    home.run(until=100.0)
    assert balena.asked.count("restart mqtt") == 4


def test_without_a_supervisor_a_person_is_asked(home: Home) -> None:
    home.supervisor = None
    home.run(until=100.0)
    told = [line for line in home.lines if "mqtt: has to be restarted by hand" in line]
    assert len(told) == 1
    assert home.notifier.figures["has_supervisor"] is False


def test_a_disk_that_takes_no_note_causes_no_second_restart(
    home: Home, balena: FakeSupervisor
) -> None:
    (home.data / ".provision.json.new").symlink_to("/dev/full")
    home.run(until=100.0)
    assert balena.asked == ["restart mqtt", "restart homeassistant"]
    assert sum("No space left" in line for line in home.lines) == 3


def test_what_a_newer_version_has_noted_causes_no_restart(
    home: Home, balena: FakeSupervisor
) -> None:
    home.run()
    balena.asked.clear()
    record = home.data / "provision.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {"newer": 1}))
    home.run()
    assert balena.asked == []


def test_half_of_the_brokers_files_restart_nothing(home: Home, balena: FakeSupervisor) -> None:
    (home.gateway / "mosquitto" / "acl").mkdir(parents=True)
    home.run()
    assert balena.asked == ["restart homeassistant"]
    waiting = home.notifier.figures["waiting"]
    assert isinstance(waiting, dict)
    assert waiting["restart of mqtt"] == "waits for the broker's files"
