from typing import NoReturn

import pytest

from hems.clients.balena import Failed, Locked
from hems.clients.balena_answers import Status
from hems.errors import HemsError, ProtocolError, Rejected, Unavailable
from tests.workers.watchdog.patient import HOUR, PERIOD_S, Patient


def away() -> NoReturn:
    raise Unavailable("connection refused")


@pytest.mark.parametrize("refusal", [Locked("423"), Rejected("404")])
def test_a_refused_restart_waits_and_does_not_count(patient: Patient, refusal: HemsError) -> None:
    patient.watch(HOUR)
    patient.is_hung, patient.supervisor.refusal = True, refusal
    patient.watch(3 * HOUR)
    assert 10 <= len(patient.supervisor.asked) <= 18
    assert patient.check.health.restarts == 0
    assert patient.journal.lines == []
    patient.supervisor.refusal = None
    patient.watch(HOUR)
    assert len(patient.restarted_at) == 1


@pytest.mark.parametrize("loss", [Unavailable("60 s"), Failed("503"), ProtocolError("?")])
def test_a_restart_that_may_have_happened_counts_and_is_noted(
    patient: Patient, loss: HemsError
) -> None:
    patient.watch(HOUR)
    patient.is_hung, patient.supervisor.refusal = True, loss
    patient.watch(24 * HOUR)
    assert len(patient.supervisor.asked) == 3
    assert patient.check.health.is_given_up
    line = f"restart influxdb: no answer within 3 s; not confirmed: {loss}"
    assert patient.journal.lines[:3] == [line] * 3


def test_without_the_supervisor_nothing_is_counted(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient.watch(HOUR)
    patient.is_hung = True
    with monkeypatch.context() as patch:
        patch.setattr(patient.supervisor, "status", away)
        with pytest.raises(Unavailable):
            patient.check.step(patient.now)
        patient.watch(HOUR)
    assert patient.check.health.failures == 0


def test_which_container_answers_is_asked_once(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient.supervisor.running.clear()  # somebody answers there, but it is none of the fleet's
    questions: list[float] = []
    really = patient.supervisor.status

    def counted() -> Status:
        questions.append(patient.now)
        return really()

    monkeypatch.setattr(patient.supervisor, "status", counted)
    patient.watch(24 * HOUR)
    assert questions == [0.0]


def test_a_service_that_answers_is_not_in_trouble_without_the_supervisor(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(patient.supervisor, "status", away)
        patient.check.step(patient.now)
    patient.watch(HOUR)  # learns the container
    patient.is_hung = True
    patient.watch(4 * PERIOD_S)
    assert len(patient.restarted_at) == 1
