from typing import NoReturn

import pytest
from pytest_mock import MockerFixture

from hems.errors import Unavailable
from tests.workers.watchdog.patient import HOUR, MINUTE, NAME, PERIOD_S, START_S, Patient


def test_one_that_was_updated_has_its_time_to_begin(patient: Patient) -> None:
    patient.watch(HOUR)
    patient.supervisor.recreate(NAME)
    patient.is_hung = True
    patient.watch(START_S)
    assert patient.restarted_at == []


def test_one_that_hangs_after_it_was_recreated_is_restarted_after_its_patience(
    patient: Patient,
) -> None:
    patient.watch(HOUR)
    for number in range(1, 3):
        patient.supervisor.recreate(NAME)  # between two probes, which both get an answer
        patient.watch(HOUR)
        begin = patient.now
        patient.is_hung = True
        patient.watch(4 * PERIOD_S)
        assert patient.restarted_at[-1] == begin + 3 * PERIOD_S
        assert len(patient.restarted_at) == number
        patient.watch(HOUR)


def test_a_start_that_is_over_is_no_excuse(patient: Patient) -> None:
    patient.watch(HOUR)
    patient.supervisor.recreate(NAME)
    patient.is_hung = True
    patient.watch(2 * PERIOD_S)  # it starts
    patient.is_hung = False
    patient.watch(PERIOD_S)
    begin = patient.now
    patient.is_hung = True
    patient.watch(4 * PERIOD_S)
    assert patient.restarted_at == [begin + 3 * PERIOD_S]


@pytest.mark.parametrize("age_s", [0.0, 200.0, 599.0, 600.0, HOUR])
def test_a_container_of_the_time_in_which_the_supervisor_was_silent_has_its_own_age(
    patient: Patient, mocker: MockerFixture, age_s: float
) -> None:
    patient.watch(HOUR)
    silence = mocker.patch.object(patient.supervisor, "status", silent)
    patient.watch(2 * HOUR)
    created_at = 3 * HOUR - age_s
    patient.supervisor.recreate(NAME, patient.created_at(created_at))
    mocker.stop(silence)
    patient.is_hung = True
    patient.watch(HOUR)
    starts_until = max(3 * HOUR, -(-(created_at + 600.0) // PERIOD_S) * PERIOD_S)
    assert patient.restarted_at[0] == starts_until + 3 * PERIOD_S


@pytest.mark.parametrize("jump_s", [-30 * 86400.0, 30 * 86400.0])
def test_a_clock_that_jumps_makes_no_container_older_than_what_was_seen(
    patient: Patient, jump_s: float
) -> None:
    patient.watch(HOUR)
    patient.supervisor.recreate(NAME, patient.created_at(HOUR + jump_s))
    patient.is_hung = True
    patient.watch(HOUR)
    assert HOUR + 600.0 <= patient.restarted_at[0] <= HOUR + 600.0 + 3 * PERIOD_S


def test_an_old_container_that_hangs_when_the_watchdog_starts_needs_no_time_to_begin(
    patient: Patient,
) -> None:
    patient.supervisor.recreate(NAME, patient.created_at(-86400.0))
    patient.now, patient.is_hung = HOUR, True  # the machine runs for an hour
    patient.watch(4 * PERIOD_S)
    assert patient.restarted_at == [HOUR + 3 * PERIOD_S]


def test_after_a_boot_an_old_container_has_its_time_to_begin(patient: Patient) -> None:
    patient.supervisor.recreate(NAME, patient.created_at(-86400.0))
    patient.now, patient.is_hung = 60.0, True
    patient.watch(HOUR)
    assert patient.restarted_at[0] == 600.0 + 3 * PERIOD_S


def test_an_answer_of_one_that_is_being_stopped_says_nothing(patient: Patient) -> None:
    patient.watch(HOUR)
    patient.supervisor.change(NAME, status="Stopping")
    patient.watch(5 * PERIOD_S)  # it still answers
    patient.supervisor.change(NAME, status="Running")
    patient.supervisor.recreate(NAME)
    patient.is_hung = True
    patient.watch(START_S)
    assert patient.restarted_at == []


def test_after_a_rejected_release_what_hangs_is_still_restarted(patient: Patient) -> None:
    patient.watch(HOUR)
    patient.supervisor.is_rejected = True
    for number in range(1, 3):
        patient.is_hung = True
        patient.watch(4 * PERIOD_S)
        assert len(patient.restarted_at) == number
        patient.watch(HOUR)


def silent() -> NoReturn:
    raise Unavailable("connection refused")


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "Downloading"},
        {"status": "exited"},
        {"status": "Stopping"},
        {"status": "Handing over"},
        {"download_progress": 1.0},
    ],
)
def test_one_that_does_not_run_or_is_updated_is_left_alone(
    patient: Patient, changes: dict[str, object]
) -> None:
    patient.watch(HOUR)
    patient.is_hung = True
    patient.supervisor.change(NAME, **changes)
    patient.watch(24 * HOUR)
    assert patient.restarted_at == []
    assert not patient.check.health.is_given_up


def test_the_old_container_is_left_alone_for_as_long_as_the_new_image_is_downloaded(
    patient: Patient,
) -> None:
    patient.watch(HOUR)
    patient.is_hung, patient.supervisor.downloading = True, frozenset({NAME})
    patient.watch(24 * HOUR)
    assert patient.restarted_at == []
    patient.supervisor.downloading = frozenset()
    patient.supervisor.recreate(NAME)
    patient.watch(START_S)
    assert patient.restarted_at == []
    patient.watch(PERIOD_S)
    assert len(patient.restarted_at) == 1


@pytest.mark.parametrize("update", [{"is_applying": True}, {"downloading": frozenset({"mqtt"})}])
def test_a_restart_waits_for_the_update_of_others(
    patient: Patient, update: dict[str, object]
) -> None:
    patient.watch(HOUR)
    vars(patient.supervisor).update(update)
    patient.is_hung = True
    patient.watch(30 * MINUTE)
    assert patient.restarted_at == []
    vars(patient.supervisor).update(is_applying=False, downloading=frozenset())
    patient.watch(PERIOD_S)
    assert len(patient.restarted_at) == 1


@pytest.mark.parametrize("wait_s", [10 * MINUTE, HOUR])
def test_a_restart_waits_only_so_long_for_an_update_that_never_ends(wait_s: float) -> None:
    patient = Patient(update_wait_s=wait_s)
    patient.supervisor.is_applying = True
    patient.watch(48 * HOUR)
    patient.is_hung = True
    patient.watch(wait_s + 3 * PERIOD_S)
    assert patient.restarted_at == []
    patient.watch(PERIOD_S)
    assert patient.restarted_at == [48 * HOUR + wait_s + 3 * PERIOD_S]


def test_an_update_that_comes_and_goes_does_not_restart_the_patience(
    patient: Patient,
) -> None:
    patient.watch(HOUR)
    patient.is_hung = True
    for is_applying in (True, False, True, False):
        patient.supervisor.is_applying = is_applying
        patient.watch(PERIOD_S)
    assert patient.restarted_at == [HOUR + 3 * PERIOD_S]


def test_every_restart_waits_its_full_time_for_an_update(patient: Patient) -> None:
    patient.supervisor.is_applying = True
    for _ in range(2):
        patient.watch(HOUR)
        begin = patient.now
        patient.is_hung = True
        while patient.is_hung:  # until the restart
            patient.watch(PERIOD_S)
        assert patient.restarted_at[-1] == begin + 3 * PERIOD_S + patient.update_wait_s
    assert len(patient.restarted_at) == 2


def test_after_every_download_the_new_container_has_its_time_to_begin(patient: Patient) -> None:
    patient.watch(HOUR)
    for _ in range(2):
        patient.is_hung = True
        patient.watch(3 * PERIOD_S)
        patient.supervisor.downloading = frozenset({NAME})
        patient.watch(PERIOD_S)
        patient.supervisor.downloading = frozenset()
        patient.watch(START_S)
        assert patient.restarted_at == []
        patient.is_hung = False
        patient.watch(PERIOD_S)
