import json

from hems.supervision.units.state_change_journal import SIZE, StateJournal


def journal(count: int) -> StateJournal:
    changes = StateJournal()
    for _ in range(count):
        changes.add("led", "active", "running", "", 5.0)
    return changes


def test_changes_are_those_after_a_number() -> None:
    assert [change.number for change in journal(3).since(1)] == [2, 3]
    assert journal(3).since(3) == []


def test_a_number_of_an_earlier_supervisord_brings_all_changes() -> None:
    assert [change.number for change in journal(2).since(40)] == [1, 2]


def test_the_journal_is_bounded() -> None:
    assert [len(journal(SIZE + 5).since(0)), journal(SIZE + 5).since(0)[0].number] == [SIZE, 6]


def test_a_negative_number_asks_for_the_last_one_only() -> None:
    assert json.loads(journal(2).as_json(-1)) == {"last": 2, "changes": []}
    assert json.loads(journal(2).as_json(1))["changes"][0]["unit"] == "led"
