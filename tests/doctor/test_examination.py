from collections.abc import Sequence
from functools import partial

import pytest

from hems.doctor.examination import Check, examine
from hems.doctor.finding import Finding, Level, ok
from hems.errors import Unavailable

LIMIT_S = 10.0  # never waited for: every check here answers


def raising(error: Exception) -> Check:
    def look() -> Sequence[Finding]:
        raise error

    return Check("broken", look)


def test_every_check_is_told_in_its_order() -> None:
    checks = [Check(name, partial(list, [ok(name)])) for name in ("c", "a", "b")]
    assert examine(checks, LIMIT_S) == {name: [ok(name)] for name in ("c", "a", "b")}


@pytest.mark.parametrize("error", [Unavailable("no answer"), OSError("no answer")])
def test_a_check_without_an_answer_has_failed(error: Exception) -> None:
    (finding,) = examine([raising(error)], LIMIT_S)["broken"]
    assert (finding.level, finding.found) == (Level.FAILED, "no answer")


def test_a_bug_in_a_check_hides_neither_the_others_nor_shows_its_words() -> None:
    found = examine([raising(KeyError("a secret")), Check("well", lambda: [ok("fine")])], LIMIT_S)
    assert found["broken"][0].found == "a bug in this check: KeyError"
    assert found["well"] == [ok("fine")]
