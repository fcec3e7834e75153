from tests.workers.watchdog.patient import HOUR, NAME, PERIOD_S, START_S, Patient


def test_one_that_answers_is_left_alone(patient: Patient) -> None:
    patient.watch(24 * HOUR)
    assert patient.supervisor.requests == []


def test_one_that_hangs_is_restarted_after_four_probes(patient: Patient) -> None:
    patient.watch(HOUR)
    patient.is_hung = True
    patient.watch(3 * PERIOD_S)
    assert patient.restarted_at == []
    patient.watch(PERIOD_S)
    assert patient.restarted_at == [HOUR + 3 * PERIOD_S]
    assert patient.restart_log.lines == ["restart influxdb: no answer within 3 s"]


def test_a_single_answer_restarts_the_count(patient: Patient) -> None:
    patient.watch(HOUR)
    for _ in range(20):
        patient.is_hung = True
        patient.watch(3 * PERIOD_S)
        patient.is_hung = False
        patient.watch(PERIOD_S)
    assert patient.restarted_at == []


def test_a_new_container_has_its_time_to_begin(patient: Patient) -> None:
    patient.is_hung = True
    patient.watch(START_S)
    assert patient.restarted_at == []
    patient.watch(PERIOD_S)
    assert patient.restarted_at == [START_S]


def test_one_that_was_started_again_by_somebody_has_its_time_to_begin(patient: Patient) -> None:
    patient.watch(HOUR)
    patient.is_hung = True
    patient.watch(3 * PERIOD_S)
    patient.supervisor.change(NAME, status="exited")
    patient.watch(PERIOD_S)
    patient.supervisor.change(NAME, status="Running")  # in the same container
    patient.watch(START_S)
    assert patient.restarted_at == []
    patient.watch(PERIOD_S)
    assert len(patient.restarted_at) == 1


def test_a_service_that_the_fleet_does_not_have_is_left_alone(patient: Patient) -> None:
    patient.supervisor.running.clear()
    patient.is_hung = True
    patient.watch(HOUR)
    assert patient.supervisor.requests == []
