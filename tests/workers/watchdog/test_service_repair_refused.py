from typing import NoReturn

import pytest
from pytest_mock import MockerFixture

from hems.clients.balena.supervisor_api import SupervisorFailed, SupervisorLocked
from hems.clients.balena.supervisor_responses import DeviceStatus
from hems.errors import HemsError, ProtocolError, Rejected, Unavailable
from tests.workers.watchdog.patient import HOUR, NAME, PERIOD_S, Patient


def away() -> NoReturn:
    raise Unavailable("connection refused")


@pytest.mark.parametrize("refusal", [SupervisorLocked("423"), Rejected("404")])
def test_a_refused_restart_waits_and_does_not_count(patient: Patient, refusal: HemsError) -> None:
    patient.watch(HOUR)
    patient.is_hung, patient.supervisor.refusal = True, refusal
    patient.watch(3 * HOUR)
    assert 10 <= len(patient.supervisor.requests) <= 18
    assert patient.check.health.restarts == 0
    assert patient.restart_log.lines == []
    patient.supervisor.refusal = None
    patient.watch(HOUR)
    assert len(patient.restarted_at) == 1


@pytest.mark.parametrize("loss", [Unavailable("60 s"), SupervisorFailed("503"), ProtocolError("?")])
def test_a_restart_that_may_have_happened_counts_and_is_noted(
    patient: Patient, loss: HemsError
) -> None:
    patient.watch(HOUR)
    patient.is_hung, patient.supervisor.refusal = True, loss
    patient.watch(24 * HOUR)
    assert len(patient.supervisor.requests) == 3
    assert patient.check.health.is_given_up
    line = f"restart influxdb: no answer within 3 s; not confirmed: {loss}"
    assert patient.restart_log.lines[:3] == [line] * 3


def test_without_the_supervisor_nothing_is_counted(patient: Patient, mocker: MockerFixture) -> None:
    patient.watch(HOUR)
    patient.is_hung = True
    mocker.patch.object(patient.supervisor, "status", away)
    with pytest.raises(Unavailable):
        patient.check.step(patient.now)
    patient.watch(HOUR)
    assert patient.check.health.failures == 0


@pytest.mark.parametrize("is_away", [False, True])
def test_while_services_answer_the_supervisor_is_asked_once_a_round(
    patient: Patient, mocker: MockerFixture, is_away: bool
) -> None:
    questions: list[float] = []
    really = patient.supervisor.status

    def counted() -> DeviceStatus:
        questions.append(patient.now)
        return away() if is_away else really()

    mocker.patch.object(patient.supervisor, "status", counted)
    others = [patient.new_check("mqtt"), patient.new_check("nginx-reverse-proxy")]
    for _ in range(120):
        for check in others:
            check.step(patient.now)
        patient.watch(PERIOD_S)
    assert len(questions) == 120


def test_one_that_answers_without_a_container_of_the_fleet_is_fine(patient: Patient) -> None:
    patient.supervisor.running.clear()
    patient.watch(24 * HOUR)
    assert patient.supervisor.requests == []
    assert not patient.check.health.is_given_up


def test_an_ok_for_the_old_container_counts_and_is_not_called_a_restart(
    patient: Patient, mocker: MockerFixture
) -> None:
    patient.watch(HOUR)
    patient.is_hung, patient.heals = True, False
    mocker.patch.object(patient.supervisor, "recreate")  # it could not be stopped
    patient.watch(24 * HOUR)
    assert len(patient.supervisor.requests) == 3
    assert patient.check.health.is_given_up
    assert "not confirmed: " in patient.restart_log.lines[0]
    assert "the same container of influxdb still runs" in patient.restart_log.lines[0]


def test_a_restart_that_removed_the_container_counts_once_and_is_looked_at_again(
    patient: Patient,
) -> None:
    patient.watch(HOUR)
    patient.is_hung, patient.heals = True, False
    failure = SupervisorFailed("404 without a text")

    def remove() -> None:
        patient.supervisor.running.pop(NAME)

    for number in range(1, 3):
        patient.supervisor.refusal, patient.supervisor.on_refusal = failure, remove
        patient.watch(HOUR)
        assert len(patient.supervisor.requests) == patient.check.health.restarts == number
        assert patient.restart_log.lines[-1].endswith(f"not confirmed: {failure}")
        patient.supervisor.refusal = None
        patient.supervisor.add(NAME)  # the image has arrived


def test_a_service_that_answers_is_not_in_trouble_without_the_supervisor(
    patient: Patient, mocker: MockerFixture
) -> None:
    outage = mocker.patch.object(patient.supervisor, "status", away)
    patient.check.step(patient.now)
    mocker.stop(outage)
    patient.watch(HOUR)  # learns the container
    patient.is_hung = True
    patient.watch(4 * PERIOD_S)
    assert len(patient.restarted_at) == 1


def test_after_every_refusal_the_cool_down_and_the_patience_begin_again(patient: Patient) -> None:
    patient.watch(HOUR)
    patient.is_hung, patient.supervisor.refusal = True, SupervisorLocked("423")
    asked_at: list[float] = []
    while patient.now < 2 * HOUR:
        before = len(patient.supervisor.requests)
        patient.watch(PERIOD_S)
        if len(patient.supervisor.requests) > before:
            asked_at.append(patient.now - PERIOD_S)
    first = HOUR + 3 * PERIOD_S
    assert asked_at == [first + number * (600.0 + 3 * PERIOD_S) for number in range(6)]
