import json

from hems.supervision.commands.monitor_lines import StateLines

CHANGE = {
    "number": 7,
    "time": 1_800_000_000.25,
    "unit": "led",
    "state": "failed",
    "sub_state": "failed",
    "reason": "exit status 1",
}


def test_a_change_is_a_line_with_its_time_and_reason() -> None:
    [line] = StateLines(frozenset(), is_json=False).of([CHANGE], 6)
    assert line == "08:00:00.250 led: failed (failed): exit status 1"


def test_only_the_named_units_are_shown() -> None:
    lines = StateLines(frozenset({"led"}), is_json=True).of([CHANGE, {**CHANGE, "unit": "x"}], 6)
    assert [json.loads(line) for line in lines] == [CHANGE]


def test_lost_changes_are_counted() -> None:
    assert list(StateLines(frozenset({"x"}), is_json=True).of([CHANGE], 4)) == ['{"lost": 2}']
    first, _ = StateLines(frozenset(), is_json=False).of([CHANGE], 5)
    assert first == "1 changes came too fast to be shown"
