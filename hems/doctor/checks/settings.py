"""Check that every variable of this gateway has a valid value."""

from __future__ import annotations

from hems.doctor.check_interface import CheckContext, Finding, failed, note, ok
from hems.settings.time_zone import with_known_time_zone
from hems.settings.validation_problems import UNKNOWN
from hems.system import clock

TITLE = "settings"
STOPPED = "its workers do not run until then"


def check(context: CheckContext) -> list[Finding]:
    advice = f"correct or remove the variable {context.commands.variables}"
    problems = with_known_time_zone(context.settings, clock.is_time_zone).problems
    findings = [
        note(f"ignored: {problem.text}")  # perhaps of another release
        if problem.part == UNKNOWN
        else failed(problem.text, "a valid value", f"{advice}; {consequence(problem.instead)}")
        for problem in problems
    ]
    return findings or [ok("all values are valid")]


def consequence(instead: str) -> str:
    """Return what happens until the mistake is corrected."""
    return f"until then, {instead} is used" if instead else STOPPED
