import json

from dev.launcher.unit_changes_and_problems import changes, problems, refused_frames
from tests.dev.launcher.test_desk_display import ILL, WELL

D2L = WELL._replace(name="eesmart-d2l")


def test_a_unit_that_becomes_ready_is_reported_once() -> None:
    starting = WELL._replace(state="activating", is_ready=False)
    assert changes(None, starting) == []
    assert changes(starting, WELL) == ["broker is ready"]
    assert changes(WELL, WELL) == []


def test_a_failure_is_reported_with_its_reason_once() -> None:
    assert changes(WELL, ILL) == ["eesmart-d2l has failed: exit status 78"]
    assert changes(ILL, ILL) == []
    assert changes(ILL, ILL._replace(reason="signal 9")) == ["eesmart-d2l has failed: signal 9"]


def test_every_restart_is_reported_even_one_too_short_to_be_seen() -> None:
    for count in (1, 2):
        before = WELL._replace(restarts=count - 1)
        now = WELL._replace(restarts=count, restart_reason="signal 9")
        assert changes(before, now) == [
            f"broker: restart {count}: signal 9",
            "broker is ready",
        ]


def test_a_restart_before_the_first_look_is_reported() -> None:
    now = WELL._replace(restarts=1, restart_reason="exit status 1")
    assert changes(None, now)[0] == "broker: restart 1: exit status 1"


def test_a_unit_that_waits_for_its_restart_is_a_problem_in_plain_words() -> None:
    waiting = ILL._replace(state="auto-restart", reason="exit status 1; restart in 1 s")
    line = "eesmart-d2l restarts: exit status 1; restart in 1 s"
    assert problems([WELL, waiting]) == [line]


def test_refused_frames_are_counted_by_reason() -> None:
    metrics = {"frames": 40, "refused": {"wrong CRC or key": 2, "too slow": 1}}
    row = D2L._replace(metrics=json.dumps(metrics))
    expected = "frames: 40 accepted, 3 refused (too slow: 1, wrong CRC or key: 2)"
    assert refused_frames([WELL, row]) == expected


def test_without_a_refused_frame_there_is_no_list_of_reasons() -> None:
    row = D2L._replace(metrics='{"frames": 40, "refused": {}}')
    assert refused_frames([row]) == "frames: 40 accepted, 0 refused"


def test_before_the_worker_publishes_nothing_is_said_of_frames() -> None:
    assert refused_frames([D2L]) == refused_frames([]) == ""
