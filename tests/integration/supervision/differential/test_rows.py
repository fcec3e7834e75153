"""Each difference of a scenario has a row in "Unlike systemd", and each row has a scenario."""

from collections import Counter

import pytest

from dev.documents.general_systemd_differences import GENERAL
from hems.supervision.settings.directive_parser import DIRECTIVES
from tests.integration.supervision.differential.all_scenarios import (
    NOT_SHOWN,
    SCENARIOS,
    WITHOUT_STATES,
)

pytestmark = pytest.mark.integration  # pure, but the scenarios are there

ROWS = [*GENERAL, *(row.name for row in DIRECTIVES.values() if row.unlike)]
SHOWN = {row for one in SCENARIOS if one.unlike for row in one.unlike.rows}


def rows(text: str) -> list[str]:
    """Return the directive of this name, or the general rows that begin with it."""
    return [row for row in ROWS if row == text or (" " in text and row.startswith(text))]


def test_there_are_many_scenarios_with_names_of_their_own() -> None:
    names = Counter(one.name for one in SCENARIOS)
    assert len(names) >= 60
    assert [name for name, count in names.items() if count > 1] == []


def test_each_difference_has_one_row_of_unlike_systemd() -> None:
    assert {text: rows(text) for text in SHOWN | {*NOT_SHOWN} if len(rows(text)) != 1} == {}


def test_the_states_of_a_difference_differ() -> None:
    same = [
        one.name
        for one in SCENARIOS
        if one.unlike and one.expected(is_library=True) == one.expected(is_library=False)
    ]
    assert same == []


def test_each_row_is_shown_by_a_scenario_or_cannot_be() -> None:
    explained = {row for text in SHOWN | {*NOT_SHOWN} for row in rows(text)}
    explained |= {name for name, row in DIRECTIVES.items() if row.source in WITHOUT_STATES}
    assert [row for row in ROWS if row not in explained] == []
    assert SHOWN & {*NOT_SHOWN} == set()
