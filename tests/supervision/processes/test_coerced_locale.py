"""A container without LANG: Python sets LC_CTYPE, and its children have it from the start."""

import pytest

from hems.supervision.processes.forked_program import coerced_locale

COERCED = {"LC_CTYPE": "C.UTF-8"}


@pytest.mark.parametrize("executed", [{}, {"LANG": "C"}, {"LC_CTYPE": "POSIX"}, {"LC_ALL": ""}])
def test_what_python_sets_in_the_c_locale_is_no_difference(executed: dict[str, str]) -> None:
    assert coerced_locale(executed, executed | COERCED) == COERCED


@pytest.mark.parametrize("executed", [{"LANG": "fr_FR.UTF-8"}, {"LC_ALL": "C.UTF-8"}])
def test_in_any_other_locale_a_new_value_is_one(executed: dict[str, str]) -> None:
    assert coerced_locale(executed, executed | {"LC_CTYPE": "de_DE.UTF-8"}) == {}
