"""Say what each mistake in the settings changes on a desk: the same as on a device."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hems.settings.validation_problems import UNKNOWN, SettingsProblem
from hems.worker_table import TABLE


def lines(problems: Sequence[SettingsProblem]) -> Iterator[str]:
    """Yield a line for each mistake, for the first lines of bin/up."""
    for problem in problems:
        if problem.part == UNKNOWN:
            yield f"ignored   {problem.text}"
        else:
            yield f"wrong     {problem.text}; {_consequence(problem)}"


def _consequence(problem: SettingsProblem) -> str:
    if problem.instead:
        return f"{problem.instead} is used"
    units = [entry for entry in TABLE if entry.container == "hems"]
    stopped = [entry.name for entry in units if entry.is_stopped_by(problem)]
    if not stopped:
        return "no worker of the desk reads it"
    return f"{', '.join(stopped)} {'does' if len(stopped) == 1 else 'do'} not start"
