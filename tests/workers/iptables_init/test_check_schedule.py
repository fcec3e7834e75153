from hems.system.network.change_notifications import Topic
from hems.workers.iptables_init import CheckSchedule

RULES, LINKS = {Topic.RULES}, {Topic.LINKS}


def checks(schedule: CheckSchedule, until: float, heard: dict[float, set[Topic]]) -> list[float]:
    """Return the times of all checks up to `until`, with notifications at their times."""
    now, times = 0.0, []
    events = dict(sorted(heard.items()))
    while now <= until:
        event = min(events, default=until + 1)
        now = min(event, now + schedule.wait_s(now))
        schedule.note_changes(events.pop(now, set()), now)
        if schedule.is_due(now):
            schedule.note_check(now)
            times.append(round(now, 3))
    return [time for time in times if time <= until]


def test_without_changes_there_is_one_check_a_period() -> None:
    assert checks(CheckSchedule(15, 0.15, 0.0), 50, {}) == [15, 30, 45]


def test_a_changed_rule_is_checked_once_after_the_debounce() -> None:
    assert checks(CheckSchedule(15, 0.15, 0.0), 20, {2.0: RULES}) == [2.15, 15]


def test_a_changed_link_is_checked_again_because_legacy_iptables_notifies_of_nothing() -> None:
    assert checks(CheckSchedule(15, 0.15, 0.0), 20, {2.0: LINKS}) == [
        2.15,
        2.5,
        3,
        3.5,
        4,
        4.5,
        5,
        20,
    ]


def test_both_at_once_count_as_a_link() -> None:
    assert checks(CheckSchedule(15, 0.15, 0.0), 10, {2.0: RULES | LINKS}) == [
        2.15,
        2.5,
        3,
        3.5,
        4,
        4.5,
        5,
    ]


def test_a_stream_of_changes_neither_delays_the_check_nor_multiplies_it() -> None:
    stream = {2 + n / 100: RULES for n in range(100)}
    times = checks(CheckSchedule(15, 0.15, 0.0), 14, stream)
    assert times[0] == 2.15
    assert len(times) == 7


def test_a_stream_of_link_changes_is_checked_again_after_the_last() -> None:
    stream = {2 + n / 100: LINKS for n in range(100)}
    assert checks(CheckSchedule(15, 0.15, 0.0), 10, stream)[-2:] == [5.49, 5.99]


def test_nothing_heard_changes_nothing() -> None:
    schedule = CheckSchedule(15, 0.15, 0.0)
    schedule.note_changes(set(), 1.0)
    assert schedule.wait_s(1.0) == 14
