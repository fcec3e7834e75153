from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from hems.clients.balena.supervisor_api import SupervisorLocked
from hems.errors import Unavailable
from hems.protocols.gateway import gateway_entities
from hems.system.user_command_file import CommandReader, CommandWriter
from hems.workers.watchdog.requested_restarts import RequestedRestarts
from tests.fakes.time import context
from tests.workers.watchdog.patient import HOUR, NAME, Patient, given_up
from tests.workers.watchdog.surroundings import Home, Recorder

TOPIC = f"hems/command/restart_{NAME}"
OTHER, OTHER_TOPIC = "mqtt", "hems/command/restart_mqtt"


class Visit:
    """A person who presses the button of the patient."""

    def __init__(self, directory: Path) -> None:
        self.patient = Patient()
        path, names = directory / "commands.json", gateway_entities.RESTARTS
        self._writer = CommandWriter(path, gateway_entities.COMMANDS)
        services = [self.patient.check, self.patient.new_check(OTHER)]
        self.patient.supervisor.add(OTHER)
        self.requests = RequestedRestarts(
            CommandReader(path, names), services, self.patient.restart_log
        )
        self.requests.step(self.patient.now)

    def press(self, *topics: str) -> None:
        self.patient.now += 1
        for topic in topics or (TOPIC,):
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


def test_every_refusal_is_shown_whenever_it_comes(visit: Visit) -> None:
    visit.patient.watch(HOUR)
    visit.press()
    for _ in range(2):
        visit.patient.now += 60.0
        visit.press()
        left_s = 600 + visit.patient.restarted_at[0] - visit.patient.now
        assert visit.patient.restart_log.last.endswith(f"possible again in {left_s:.0f} s")
    visit.patient.now += HOUR
    visit.patient.supervisor.running.clear()
    visit.press()
    assert "it does not run" in visit.patient.restart_log.last


def test_each_step_executes_one_request_and_a_repeated_press_waits_once(visit: Visit) -> None:
    visit.patient.watch(HOUR)
    visit.press(TOPIC, OTHER_TOPIC)
    assert visit.patient.supervisor.requests == [f"restart {NAME}"]
    visit.patient.now += 180.0  # it took so long
    for _ in range(3):
        visit.requests.step(visit.patient.now)
    assert visit.patient.supervisor.requests == [f"restart {NAME}", f"restart {OTHER}"]


def test_a_restart_that_fails_is_shown_and_leaves_the_next_one_in_the_queue(visit: Visit) -> None:
    visit.patient.watch(HOUR)
    visit.patient.supervisor.refusal = Unavailable("no answer within 180 s")
    visit.press(TOPIC, OTHER_TOPIC)
    failed = f"restart {NAME}: a person asked for it; not confirmed: no answer within 180 s"
    assert visit.patient.restart_log.last == failed
    visit.patient.supervisor.refusal = None
    visit.requests.step(visit.patient.now)
    assert visit.patient.supervisor.requests[1:] == [f"restart {OTHER}"]


def test_a_restart_that_the_supervisor_refuses_is_shown_to_the_person(visit: Visit) -> None:
    visit.patient.watch(HOUR)
    visit.patient.supervisor.refusal = SupervisorLocked("423, locked")
    visit.press()
    assert visit.patient.restart_log.last.endswith("not confirmed: 423, locked")
    assert visit.patient.restart_log.lines == []  # nothing was done


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
    visit.press("hems/command/restart_homeassistant")
    log = visit.patient.restart_log
    assert log.last == "no restart of homeassistant: there is no balena Supervisor"
    assert log.lines == []  # however often: nothing is written to the card


def test_a_request_is_seen_between_two_rounds_and_between_two_checks(tmp_path: Path) -> None:
    home, (ctx, clock, notifier) = Home(tmp_path), context(until=90)
    slow = Recorder("slow", on_step=lambda: setattr(clock, "now", clock.now + 7.0))
    requests = Recorder("requests", on_step=lambda: looks_after.append(len(notifier.sent)))
    looks_after: list[int] = []
    rounds = replace(home.rounds(clock, slow, replace(slow)), requests=requests)
    rounds.run(ctx)
    gaps = {second - first for first, second in pairwise(requests.made_at)}
    assert max(gaps) == 7.0  # one check, and not a round
    assert all(notifier.sent[at] == "alive" for at in looks_after if at < len(notifier.sent))


def test_after_a_stop_request_no_check_follows_a_restart(tmp_path: Path) -> None:
    home, (ctx, clock, _) = Home(tmp_path), context(until=1e9)
    check = Recorder()
    requests = Recorder(on_step=lambda: setattr(clock, "until", 0.0))
    replace(home.rounds(clock, check), requests=requests).run(ctx)
    assert (len(requests.made_at), len(check.made_at)) == (1, 0)
