import pytest

from tests.workers.watchdog.patient import HOUR, MINUTE, NAME, PERIOD_S, START_S, Patient


def test_one_that_was_updated_has_its_time_to_begin(patient: Patient) -> None:
    patient.watch(HOUR)
    patient.supervisor.recreate(NAME)
    patient.is_hung = True
    patient.watch(START_S)
    assert patient.restarted_at == []


@pytest.mark.parametrize(
    "changes", [{"status": "Downloading"}, {"status": "exited"}, {"download_progress": 1.0}]
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


def test_an_update_that_comes_and_goes_does_not_make_the_patience_begin_anew(
    patient: Patient,
) -> None:
    patient.watch(HOUR)
    patient.is_hung = True
    for is_applying in (True, False, True, False):
        patient.supervisor.is_applying = is_applying
        patient.watch(PERIOD_S)
    assert patient.restarted_at == [HOUR + 3 * PERIOD_S]
