from collections.abc import Sequence
from functools import partial

import pytest

from hems.doctor.check_interface import Finding, Severity, ok
from hems.doctor.check_runner import GatewayCheck, run_checks
from hems.errors import Unavailable

LIMIT_S = 10.0  # never reached: every check here answers


def raising(error: Exception) -> GatewayCheck:
    def run() -> Sequence[Finding]:
        raise error

    return GatewayCheck("broken", run)


def test_findings_keep_the_order_of_the_checks() -> None:
    checks = [GatewayCheck(title, partial(list, [ok(title)])) for title in ("c", "a", "b")]
    findings = run_checks(checks, LIMIT_S, "again")
    assert list(findings.items()) == [(title, [ok(title)]) for title in ("c", "a", "b")]


@pytest.mark.parametrize("error", [Unavailable("no answer"), OSError("no answer")])
def test_a_check_that_raises_an_expected_error_has_failed(error: Exception) -> None:
    (finding,) = run_checks([raising(error)], LIMIT_S, "again")["broken"]
    assert finding == Finding(Severity.FAILED, "no answer", "an answer", "again")


def test_a_bug_in_a_check_neither_hides_other_findings_nor_shows_its_text() -> None:
    checks = [raising(KeyError("a secret")), GatewayCheck("well", lambda: [ok("fine")])]
    findings = run_checks(checks, LIMIT_S, "again")
    assert findings["broken"][0].found == "a bug in this check: KeyError"
    assert findings["well"] == [ok("fine")]
