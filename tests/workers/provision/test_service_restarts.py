import contextlib
import json
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from hems.clients.balena.supervisor_api import SupervisorFailed, SupervisorLocked
from hems.errors import HemsError, Rejected, Unavailable
from hems.system.files import Access
from hems.worker_runtime import GuardedStep
from hems.workers.provision.provision_record import ProvisionRecordFile
from hems.workers.provision.service_restarts import ServiceRestart
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
    assert balena.requests == ["restart mqtt", "restart homeassistant"]


def test_only_the_service_whose_files_have_changed_is_restarted(
    home: Home, balena: FakeSupervisor
) -> None:
    home.run()
    balena.requests.clear()
    home.environ = {"MQTT_PASSWORD": "another"}
    home.run()
    assert balena.requests == ["restart mqtt"]
    assert (
        home.notifier.latest_metrics["last_restart"]
        == "mqtt was restarted, because the files that it reads changed"
    )


@pytest.mark.parametrize("name", ["CONFIG_PASSWORD", "CONFIG_USER"])
def test_what_is_read_at_each_request_restarts_nothing(
    home: Home, balena: FakeSupervisor, name: str
) -> None:
    home.run()
    balena.requests.clear()
    home.environ = {name: "something-else"}
    home.run()
    assert balena.requests == []


def test_home_assistant_has_a_token_that_is_given_from_its_own_variables(
    home: Home, balena: FakeSupervisor
) -> None:
    home.environ = {"INFLUX_TOKEN": "given-by-a-variable"}
    home.run()
    home.environ = {}
    home.run()
    assert balena.requests == ["restart mqtt"]


def test_a_generated_token_that_was_lost_restarts_home_assistant(
    home: Home, balena: FakeSupervisor
) -> None:
    home.run()
    balena.requests.clear()
    (home.gateway / "secrets" / "INFLUX_TOKEN").unlink()
    home.run()
    assert balena.requests == ["restart homeassistant"]


def entries(home: Home, *tokens: str) -> None:
    """Let Home Assistant's store have these entries for InfluxDB."""
    databases = [{"domain": "influxdb", "data": {"token": token}} for token in tokens]
    store = home.config / ".storage/core.config_entries"
    store.parent.mkdir(parents=True, exist_ok=True)
    store.write_text(json.dumps({"data": {"entries": [{"domain": "mqtt"}, *databases]}}))


def test_a_new_home_assistant_that_waits_for_its_token_is_not_restarted(
    home: Home, balena: FakeSupervisor
) -> None:
    home.config.mkdir()
    home.run()
    entries(home)
    home.run()
    (home.gateway / "secrets" / "INFLUX_TOKEN").unlink()
    home.run()
    assert balena.requests == ["restart mqtt", "restart homeassistant"]


def test_the_token_in_home_assistants_store_decides_where_the_record_was_lost(
    home: Home, balena: FakeSupervisor
) -> None:
    home.run()
    token = (home.gateway / "secrets" / "INFLUX_TOKEN").read_text()
    for known, restarts in ((token, []), ("another-token", ["restart homeassistant"])):
        entries(home, known)
        (home.data / "provision.json").unlink()
        balena.requests.clear()
        home.run()
        assert balena.requests == ["restart mqtt", *restarts]
    (home.config / ".storage/core.config_entries").write_text("{")
    (home.data / "provision.json").unlink()
    balena.requests.clear()
    home.run()
    assert balena.requests == ["restart mqtt", "restart homeassistant"]


def away(_token: str) -> FakeDatabase:
    raise Unavailable("InfluxDB is starting")


def test_home_assistant_is_restarted_when_influxdb_knows_the_token(
    home: Home, balena: FakeSupervisor
) -> None:
    database, is_up = FakeDatabase(is_new=True), False
    home.influxdb = lambda token: database if is_up else away(token)
    requests: list[list[str]] = []

    def come_up(now: float) -> None:
        nonlocal is_up
        requests.append(list(balena.requests))
        is_up = now >= 20

    home.run(until=35.0, during=come_up)
    assert requests == [["restart mqtt"]] * 3 + [["restart mqtt", "restart homeassistant"]]
    assert database.done == ["make home_assistant for 0"]
    assert home.notifier.latest_metrics["waiting"] == {}


def test_home_assistant_waits_for_influxdb_for_ten_minutes_only(
    home: Home, balena: FakeSupervisor
) -> None:
    home.influxdb = away
    home.run(until=595.0)
    assert balena.requests == ["restart mqtt"]
    waiting = home.notifier.latest_metrics["waiting"]
    assert isinstance(waiting, dict)
    assert waiting["restart of homeassistant"] == "waits for influxdb"
    home.run(until=605.0)
    assert balena.requests == ["restart mqtt", "restart homeassistant"]


def test_a_refusal_is_asked_again_ever_more_rarely_and_told_once(
    home: Home, balena: FakeSupervisor
) -> None:
    balena.refusal = SupervisorLocked("423, locked")
    home.run(until=2500.0)
    assert balena.requests.count("restart mqtt") == 10  # after 10, 20, 40 … 320, 600, 600 s
    assert sum("restart of mqtt: 423, locked" in line for line in home.lines) == 1


def test_what_was_refused_is_done_once_it_is_allowed(home: Home, balena: FakeSupervisor) -> None:
    balena.refusal = SupervisorLocked("423, locked")

    def unlock(now: float) -> None:
        if now >= 20:
            balena.refusal = None

    home.run(until=500.0, during=unlock)
    balena.requests.clear()
    home.run()
    assert balena.requests == []
    assert home.notifier.latest_metrics["waiting"] == {}


def test_a_restart_whose_answer_was_lost_is_not_made_again(
    home: Home, balena: FakeSupervisor
) -> None:
    balena.refusal = Unavailable("no answer within 60 s")
    requests: list[str] = []

    def restarted_all_the_same(now: float) -> None:
        if now == 0:
            requests.extend(balena.requests)
            balena.refusal = None
            balena.recreate("mqtt")
            balena.recreate("homeassistant")

    home.run(until=500.0, during=restarted_all_the_same)
    assert balena.requests == requests == ["restart mqtt", "restart homeassistant"]
    assert home.notifier.latest_metrics["waiting"] == {}


def test_a_service_that_does_not_run_is_not_restarted(home: Home, balena: FakeSupervisor) -> None:
    balena.change("mqtt", status="Downloading")
    home.run()
    assert balena.requests == ["restart homeassistant"]
    reason = "mqtt does not run, or is being updated"
    assert home.notifier.latest_metrics["waiting"] == {"restart of mqtt": reason}


def test_a_supervisor_that_says_never_is_no_reason_to_end(
    home: Home, balena: FakeSupervisor
) -> None:
    balena.refusal = Rejected("401, the key is not valid")
    home.run(until=100.0)
    assert balena.requests.count("restart mqtt") == 4


def test_without_a_supervisor_a_person_is_asked(home: Home) -> None:
    home.supervisor = None
    home.run(until=100.0)
    lines = [line for line in home.lines if "mqtt: restart it by hand" in line]
    assert len(lines) == 1
    assert home.notifier.latest_problems is not None
    assert not [one for one in home.notifier.latest_problems if one.subject.startswith("restart")]


def test_a_disk_that_takes_no_note_causes_no_second_restart(
    home: Home, balena: FakeSupervisor
) -> None:
    (home.data / ".provision.json.new").symlink_to("/dev/full")
    home.run(until=100.0)
    assert balena.requests == ["restart mqtt", "restart homeassistant"]
    assert sum("No space left" in line for line in home.lines) == 4


def test_what_a_newer_version_has_noted_causes_no_restart(
    home: Home, balena: FakeSupervisor
) -> None:
    home.run()
    balena.requests.clear()
    record = home.data / "provision.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {"newer": 1}))
    home.run()
    assert balena.requests == []


def test_half_of_the_brokers_files_restart_nothing(home: Home, balena: FakeSupervisor) -> None:
    (home.gateway / "mosquitto" / "acl").mkdir(parents=True)
    home.run()
    assert balena.requests == ["restart homeassistant"]
    waiting = home.notifier.latest_metrics["waiting"]
    assert isinstance(waiting, dict)
    assert waiting["restart of mqtt"] == "waits for the broker's files"


class Restarting:
    """The restart of mqtt alone, whose files are `files`."""

    def __init__(self, directory: Path, *after: GuardedStep) -> None:
        self.balena = FakeSupervisor()
        self.balena.add("mqtt")
        self.files = "0"
        record = ProvisionRecordFile(directory / "record", Access(0o600))
        self.step = ServiceRestart("mqtt", lambda: self.files, self.balena, record, 10, after=after)

    def times(self, begun: float, until: float) -> list[float]:
        """Change the files at `begun` and return when a restart was requested, in seconds after."""
        self.files, times = str(begun), []
        for second in range(int(until)):
            count = len(self.balena.requests)
            with contextlib.suppress(HemsError):
                self.step.step(begun + second)
            times += [float(second)] * (len(self.balena.requests) - count)
        return times


def test_each_change_is_requested_with_delays_from_the_first_on(tmp_path: Path) -> None:
    restarting = Restarting(tmp_path)
    for begun in (0, 10_000):
        restarting.balena.refusal = SupervisorLocked("423, locked")
        assert restarting.times(begun, 100) == [0, 10, 30, 70]
        restarting.balena.refusal = None
        restarting.step.step(begun + 200)


def test_each_change_waits_for_other_steps_for_ten_minutes(tmp_path: Path) -> None:
    restarting = Restarting(tmp_path, GuardedStep(NeverTaken()))
    for begun in (0, 10_000):
        assert restarting.times(begun, 700) == [600]


class NeverTaken:
    name = "influxdb"

    def step(self, now: float) -> None:
        raise AssertionError


def test_a_lost_answer_is_noticed_at_each_change(tmp_path: Path) -> None:
    restarting = Restarting(tmp_path)
    for begun in (0, 10_000):
        restarting.balena.refusal = Unavailable("no answer within 60 s")
        assert restarting.times(begun, 1) == [0]
        restarting.balena.recreate("mqtt")
        restarting.balena.refusal = None
        assert restarting.times(begun + 60, 100) == []


def test_an_ok_for_the_old_container_is_not_a_restart(
    tmp_path: Path, mocker: MockerFixture
) -> None:
    restarting = Restarting(tmp_path)
    stuck = mocker.patch.object(restarting.balena, "recreate")
    assert restarting.times(0, 100) == [0, 10, 30, 70]
    assert restarting.step.last == ""
    mocker.stop(stuck)
    restarting.step.step(200)
    assert restarting.step.last.startswith("mqtt was restarted")


def test_a_restart_that_removed_the_container_is_done_when_there_is_a_new_one(
    tmp_path: Path,
) -> None:
    restarting = Restarting(tmp_path)
    restarting.balena.refusal = SupervisorFailed("404 without a text")
    restarting.balena.on_refusal = restarting.balena.running.clear
    assert restarting.times(0, 100) == [0]
    restarting.balena.add("mqtt")
    restarting.balena.recreate("mqtt")
    restarting.balena.refusal = None
    assert restarting.times(0, 100) == []
    assert restarting.step.last.startswith("mqtt was restarted")
