"""What the variables of this gateway say makes sense."""

from __future__ import annotations

from collections.abc import Sequence

from hems.doctor.finding import Finding, failed, note, ok
from hems.settings.problem import NOBODYS, Problem

ADVICE = "correct or remove the variable in balena's dashboard; a worker that needs it is stopped"


def look(problems: Sequence[Problem]) -> list[Finding]:
    return [_finding(one) for one in problems] or [ok("all make sense")]


def _finding(problem: Problem) -> Finding:
    if problem.part == NOBODYS:  # of another release perhaps, to which the fleet has gone on
        return note(f"ignored: {problem.text}")
    return failed(problem.text, "a value that makes sense", ADVICE)
