from itertools import groupby, pairwise
from operator import itemgetter

from hypothesis import given
from hypothesis import strategies as st

from tests.workers.watchdog.patient import HOUR, MINUTE, NAME, PERIOD_S, SETTINGS, Patient, given_up


def test_what_somebody_has_stopped_or_removed_is_not_given_up_any_more(patient: Patient) -> None:
    given_up(patient)
    patient.supervisor.running.clear()
    patient.watch(PERIOD_S)
    assert not patient.check.health.is_given_up
    patient.supervisor.add(NAME)
    patient.watch(24 * HOUR)
    assert patient.check.health.is_given_up
    assert len(patient.restarted_at) == 3
    assert patient.restart_log.actions.count("give up influxdb") == 1


def test_answers_before_and_after_a_stop_are_not_one_row_of_answers(patient: Patient) -> None:
    given_up(patient)
    for status, is_hung in (("Running", False), ("exited", True), ("Running", False)):
        patient.supervisor.change(NAME, status=status)
        patient.is_hung = is_hung
        patient.watch(9 * MINUTE)
    assert patient.check.health.restarts == 3


def test_restarts_keep_the_cool_down_and_end_with_giving_up(patient: Patient) -> None:
    patient.watch(HOUR)
    patient.is_hung, patient.heals = True, False
    patient.watch(48 * HOUR)
    assert len(patient.restarted_at) == 3
    first, second, third = patient.restarted_at
    assert min(second - first, third - second) >= SETTINGS.cooldown_s
    assert patient.check.health.is_given_up
    assert patient.restart_log.actions == ["restart influxdb"] * 3 + ["give up influxdb"]


def test_what_was_given_up_is_taken_up_again_once_it_answers(patient: Patient) -> None:
    given_up(patient)
    patient.is_hung = False
    patient.watch(PERIOD_S)
    assert not patient.check.health.is_given_up
    patient.watch(HOUR)
    patient.is_hung = True
    patient.watch(3 * HOUR)
    assert len(patient.restarted_at) == 6


def test_a_moments_answer_gives_no_more_restarts(patient: Patient) -> None:
    given_up(patient)
    for _ in range(20):
        patient.is_hung = False
        patient.watch(PERIOD_S)
        patient.is_hung = True
        patient.watch(20 * MINUTE)
    assert len(patient.restarted_at) == 3
    assert patient.check.health.is_given_up


def test_one_that_flaps_is_noted_as_given_up_once_until_it_has_its_restarts_back(
    patient: Patient,
) -> None:
    given_up(patient)
    for is_hung in [False, True] * 20:
        patient.is_hung = is_hung
        patient.watch(9 * MINUTE)
    assert patient.restart_log.actions.count("give up influxdb") == 1
    patient.is_hung = False
    patient.watch(HOUR)
    patient.is_hung = True
    patient.watch(3 * HOUR)
    assert patient.restart_log.actions.count("give up influxdb") == 2


def test_after_a_restart_of_the_watchdog_it_has_the_restarts_it_had(patient: Patient) -> None:
    patient.watch(HOUR)
    patient.is_hung, patient.heals = True, False
    for restarts in range(1, 4):
        patient.watch(12 * MINUTE)
        assert len(patient.restarted_at) == restarts
        patient.start_again()
    patient.watch(24 * HOUR)
    assert len(patient.restarted_at) == 3
    patient.start_again()
    assert patient.check.health.is_given_up
    patient.watch(24 * HOUR)
    assert patient.restart_log.actions == ["restart influxdb"] * 3 + ["give up influxdb"]


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 60)), max_size=30))
def test_no_sequence_of_answers_restarts_faster_than_the_rules(
    spells: list[tuple[bool, int]],
) -> None:
    patient = Patient(heals=False)
    for is_hung, steps in spells:
        patient.is_hung = is_hung
        patient.watch(steps * PERIOD_S)
    gaps = [after - before for before, after in pairwise(patient.restarted_at)]
    assert all(gap >= SETTINGS.cooldown_s for gap in gaps)
    rows = [
        (is_hung, PERIOD_S * sum(steps for _, steps in row))
        for is_hung, row in groupby(spells, key=itemgetter(0))
    ]
    calm = sum(not is_hung and lasted_s > SETTINGS.cooldown_s for is_hung, lasted_s in rows)
    assert len(patient.restarted_at) <= SETTINGS.give_up_after * (calm + 1)


def test_restarts_are_forgotten_after_exactly_the_cool_down_of_answers_each_time(
    patient: Patient,
) -> None:
    for _ in range(2):
        patient.watch(HOUR)
        patient.is_hung = True
        while patient.is_hung:  # until the restart
            patient.watch(PERIOD_S)
        assert patient.check.health.restarts == 1
        patient.watch(SETTINGS.cooldown_s)
        assert patient.check.health.restarts == 1
        patient.watch(PERIOD_S)
        assert patient.check.health.restarts == 0


def test_a_service_can_be_given_up_again_and_again(patient: Patient) -> None:
    for episode in (1, 2):
        given_up(patient)
        assert len(patient.restarted_at) == 3 * episode
        patient.is_hung = False
        patient.watch(PERIOD_S)
        assert not patient.check.health.is_given_up
    assert patient.restart_log.actions.count("give up influxdb") == 2
