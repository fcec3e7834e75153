import pytest

from hems.workers.watchdog.service_restart_policy import ServiceRestartPolicy
from tests.workers.watchdog.patient import HOUR, PERIOD_S, SETTINGS


@pytest.fixture
def policy() -> ServiceRestartPolicy:
    return ServiceRestartPolicy(SETTINGS, HOUR)


def fail(policy: ServiceRestartPolicy, container: str, began_at: float, now: float) -> list[bool]:
    """Return for each failed probe of the patience whether it leads to a restart."""
    times = [now + number * PERIOD_S for number in range(SETTINGS.patience)]
    return [policy.note_failure(container, began_at, at) for at in times]


def test_each_new_container_has_the_whole_patience(policy: ServiceRestartPolicy) -> None:
    policy.note_answer(0.0, "0")
    for number in range(1, 4):
        now = number * HOUR
        for _ in range(SETTINGS.patience - 1):
            assert not policy.note_failure(policy.container or "", 0.0, now)
        expected = [False] * (SETTINGS.patience - 1) + [True]
        assert fail(policy, str(number), now, now + SETTINGS.cooldown_s) == expected
        policy.note_answer(now + HOUR / 2, str(number))


def test_an_answer_ends_an_absence_twice(policy: ServiceRestartPolicy) -> None:
    for number in (1, 2):
        now = number * HOUR
        policy.note_absence()
        policy.note_answer(now, f"first {number}")
        began_at = now + PERIOD_S  # of a container that nobody saw begin
        assert fail(policy, f"second {number}", began_at, began_at + SETTINGS.cooldown_s)[-1]
        policy.note_answer(now + HOUR / 2, f"second {number}")


def test_only_the_first_container_after_an_absence_counts_from_its_first_probe(
    policy: ServiceRestartPolicy,
) -> None:
    for number in (1, 2):
        now = number * HOUR
        policy.note_absence()
        assert not any(fail(policy, f"first {number}", now - HOUR, now))
        assert fail(policy, f"second {number}", now, now + SETTINGS.cooldown_s)[-1]
