from collections.abc import Iterable

import pytest

from hems.supervision.health import health_table
from hems.supervision.health.health_row import HealthRow
from hems.supervision.health.health_table import size, span
from hems.supervision.health.problem_list import ListedProblem
from hems.supervision.processes.resource_usage import ResourceUsage

GOOD = HealthRow(
    name="led",
    type="notify",
    state="active",
    reason="",
    is_healthy=True,
    is_ready=True,
    status="3 lights",
    restarts=0,
    restart_reason="",
    metrics='{"lights":3}',
    pid=42,
    started_at=799.5,
    pinged_at=998.75,
)
BAD = HealthRow(
    name="eesmart-d2l",
    type="simple",
    state="failed",
    reason="exit status 78",
    is_healthy=False,
    is_ready=False,
    status="",
    restarts=2,
    restart_reason="exit status 1",
    metrics="{}",
)
NOW = 1000.0
WORDS = " ".join(["a line that is longer than the terminal"] * 5)
PROBLEM = ListedProblem(
    name="meter-silent",
    subject="0123",
    title="0123 is silent",
    since="2027-01-15T08:00:00+00:00",
    found="no frame since 08:00",
    what_to_do="look at it",
    who="family",
    began_at=100.0,
)


def as_table(rows: Iterable[HealthRow], width: int | None) -> str:
    return health_table.as_table(rows, width, NOW, {"led": ResourceUsage(61.5, 27 << 20, 2)})


def test_the_table_is_aligned_and_ends_with_the_reasons() -> None:
    assert as_table([GOOD, BAD], None).splitlines() == [
        "   NAME         STATE   PID  UPTIME  PING  RESTARTS  CPU    MEMORY  STATUS",
        "   led          active  42   3m20s   1 s   0         1m01s  27M     3 lights",
        "!  eesmart-d2l  failed  -    -       -     2         -      -       -",
        "! eesmart-d2l is failed: exit status 78",
    ]


def test_the_table_says_why_a_healthy_unit_was_restarted() -> None:
    restarted = GOOD._replace(restarts=1, restart_reason="exit status 1")
    last = as_table([restarted], None).splitlines()[-1]
    assert last == "  led last restarted after: exit status 1"


def test_a_table_that_just_fits_has_one_line_for_each_unit() -> None:
    table = as_table([GOOD], None)
    assert as_table([GOOD], max(map(len, table.splitlines()))) == table


def test_in_a_narrow_terminal_the_status_is_below_its_row() -> None:
    width = max(map(len, as_table([GOOD], None).splitlines())) - 1
    assert as_table([GOOD, GOOD._replace(status="")], width).splitlines() == [
        "   NAME  STATE   PID  UPTIME  PING  RESTARTS  CPU    MEMORY",
        "     STATUS",
        "   led   active  42   3m20s   1 s   0         1m01s  27M",
        "     3 lights",
        "   led   active  42   3m20s   1 s   0         1m01s  27M",
    ]


def test_no_line_is_longer_than_the_terminal() -> None:
    good = GOOD._replace(name="iptables-init", state="auto-restart", pid=4194304, status=WORDS)
    bad = BAD._replace(reason=WORDS)
    restarted = GOOD._replace(restarts=12, restart_reason=WORDS)
    problem = GOOD._replace(problems=(PROBLEM._replace(found=WORDS, what_to_do=WORDS),))
    lines = as_table([good, bad, restarted, problem], 80).splitlines()
    assert max(map(len, lines)) <= 80
    assert " ".join(" ".join(lines).split()).count(WORDS) == 5


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "-"), (4.9, "4 s"), (200, "3m20s"), (18420, "5h07m"), (183_600, "2d03h")],
)
def test_a_span_has_its_two_largest_units(seconds: float | None, text: str) -> None:
    assert span(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"), [(900 << 10, "900K"), (27 << 20, "27M"), (3 << 29, "1.5G")]
)
def test_a_size_has_its_largest_unit(count: int, text: str) -> None:
    assert size(count) == text


def test_a_unit_that_waits_for_its_restart_restarts_in_plain_words() -> None:
    row = BAD._replace(name="led", state="auto-restart", reason="exit status 1; restart in 1 s")
    assert as_table([row], None).splitlines()[-1] == "! led restarts: exit status 1; restart in 1 s"


def test_the_table_ends_with_the_problems_and_what_to_do() -> None:
    silent, bare = PROBLEM, PROBLEM._replace(name="odd", subject="", title="", what_to_do="")
    assert as_table([GOOD._replace(problems=(silent, bare))], None).splitlines()[-3:] == [
        "problem meter-silent 0123, since 2027-01-15T08:00:00+00:00: "
        "0123 is silent: no frame since 08:00",
        "  family: look at it",
        "problem odd, since 2027-01-15T08:00:00+00:00: no frame since 08:00",
    ]


def test_a_failure_is_told_once() -> None:
    failed = PROBLEM._replace(
        name="unit-failed", subject="eesmart-d2l", title="", found="exit status 78", what_to_do=""
    )
    restarting = failed._replace(name="unit-restarting", found="the last time: exit status 1")
    bad = BAD._replace(problems=(failed,))
    assert as_table([bad], None).count("exit status 78") == 1
    waiting = BAD._replace(state="auto-restart", reason="exit status 1; restart in 1 s")
    again = GOOD._replace(name="eesmart-d2l", restarts=9, restart_reason="exit status 1")
    for row in (waiting, again):
        assert as_table([row._replace(problems=(restarting,))], None).count("exit status 1") == 1
        assert as_table([row], None).count("exit status 1") == 1


def test_a_failure_that_no_problem_tells_yet_is_told() -> None:
    earlier = PROBLEM._replace(name="unit-restarting", subject="eesmart-d2l", found="exit status 1")
    other = PROBLEM._replace(name="unit-failed", subject="led", found="exit status 1")
    for problem in (earlier, other):
        table = as_table([BAD._replace(problems=(problem,))], None)
        assert "! eesmart-d2l is failed: exit status 78" in table.splitlines()
    hung = BAD._replace(state="deactivating", reason="watchdog", problems=(earlier,))
    assert "! eesmart-d2l is deactivating: watchdog" in as_table([hung], None).splitlines()


def test_a_unit_that_starts_says_what_it_waits_for() -> None:
    starting = GOOD._replace(state="activating", reason="no READY=1")
    table = as_table([starting, GOOD], None)
    assert table.splitlines()[3:] == ["  led is activating: no READY=1"]
