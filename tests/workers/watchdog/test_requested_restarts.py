from dataclasses import replace
from pathlib import Path

import pytest

from hems.protocols.gateway import gateway_entities
from hems.system.command_file import CommandReader, CommandWriter
from hems.workers.watchdog.requested_restarts import RequestedRestarts
from tests.fakes.time import context
from tests.workers.watchdog.patient import HOUR, NAME, Patient, given_up
from tests.workers.watchdog.surroundings import Home, Recorder

TOPIC = f"hems/command/restart_{NAME}"


class Visit:
    """A person who presses the button of the patient."""

    def __init__(self, directory: Path) -> None:
        self.patient = Patient()
        path, names = directory / "commands.json", gateway_entities.COMMANDS
        self._writer = CommandWriter(path, names)
        self.requests = RequestedRestarts(
            CommandReader(path, names), [self.patient.check], self.patient.restart_log
        )
        self.requests.step(self.patient.now)

    def press(self, topic: str = TOPIC) -> None:
        self.patient.now += 1
        self._writer.take(topic, b"PRESS", self.patient.now)
        self.requests.step(self.patient.now)


@pytest.fixture
def visit(tmp_path: Path) -> Visit:
    return Visit(tmp_path)


def test_a_person_restarts_a_service_that_works(visit: Visit) -> None:
    visit.patient.watch(HOUR)
    visit.press()
    assert visit.patient.supervisor.requests == [f"restart {NAME}"]
    assert visit.patient.restart_log.lines == [f"restart {NAME}: a person asked for it"]


def test_a_second_restart_waits_for_the_pause_and_then_comes(visit: Visit) -> None:
    visit.patient.watch(HOUR)
    for _ in range(3):
        visit.press()
        visit.press()
        assert visit.patient.restart_log.lines[-1].startswith(f"no restart of {NAME}: its last")
        visit.patient.watch(2 * HOUR)
    assert len(visit.patient.restarted_at) == 3


def test_who_presses_again_and_again_wears_out_no_card(visit: Visit) -> None:
    visit.patient.watch(HOUR)
    for _ in range(2):
        before = len(visit.patient.restart_log.lines)
        for _ in range(50):
            visit.press()
        assert len(visit.patient.restart_log.lines) == before + 2  # a restart and a refusal
        visit.patient.watch(2 * HOUR)


def test_the_budget_of_a_service_that_does_not_answer_is_for_people_too(visit: Visit) -> None:
    given_up(visit.patient)
    before = list(visit.patient.restarted_at)
    visit.press()
    assert visit.patient.restarted_at == before
    refusal = f"no restart of {NAME}: 3 restarts have not helped"
    assert visit.patient.restart_log.lines[-1] == refusal


def test_a_service_that_does_not_run_is_not_restarted(visit: Visit) -> None:
    visit.patient.supervisor.running.clear()
    visit.press()
    assert visit.patient.supervisor.requests == []
    assert visit.patient.restart_log.lines[0].startswith(f"no restart of {NAME}: it does not run")


def test_other_commands_are_for_others(visit: Visit) -> None:
    visit.patient.watch(HOUR)
    visit.press("hems/command/blink_leds")
    assert visit.patient.restart_log.lines == []


def test_without_a_supervisor_a_person_reads_why_nothing_happens(visit: Visit) -> None:
    visit.press("hems/command/restart_mqtt")
    said = ["no restart of mqtt: there is no balena Supervisor"]
    assert visit.patient.restart_log.lines == said


def test_a_request_is_seen_between_two_rounds(tmp_path: Path) -> None:
    home, (ctx, clock, _) = Home(tmp_path), context(until=90)
    check, requests = Recorder(), Recorder()
    rounds = replace(home.rounds(clock, check), requests=requests)
    rounds.run(ctx)
    assert requests.made_at == [2.0 * number for number in range(45)]
    assert check.made_at == [0.0, 30.0, 60.0]
