"""The metrics of provision, and the same as one line for people; they contain no secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from hems.protocols.gateway.problem_kinds import SETTING_WRONG, SETUP_INCOMPLETE
from hems.settings.validation_problems import SettingsProblem
from hems.supervision.worker.problem import ReportedProblem
from hems.worker_runtime import GuardedStep

RESTART = "restart of "  # precedes the service in the name of a step


class ProvisionMetrics(msgspec.Struct, frozen=True):
    """The metrics of provision.

    `waiting` has each step that is not done, and why. `reading_ages_s` is the age of the newest
    reading of each meter or plug besides a Linky, by its name; None if it is not known.
    """

    certificate_days_left: float | None
    set_by_variables: tuple[str, ...]  # names of secrets
    waiting: dict[str, str]
    last_restart: str
    reading_ages_s: dict[str, float | None] = {}


def waiting(steps: Sequence[GuardedStep]) -> dict[str, str]:
    """Return each step that is not done, and why."""
    return {step.name: step.trouble or "not checked yet" for step in steps if not step.is_done}


def problems(
    waiting: Mapping[str, str], wrong: Sequence[SettingsProblem], *, has_supervisor: bool
) -> Iterator[ReportedProblem]:
    """Yield a problem for each `wrong` setting, and for each step that is not done.

    Without a Supervisor a person restarts the services, so that this is no problem.
    """
    mistakes: dict[str, list[str]] = {}
    for mistake in wrong:
        line = mistake.line.removeprefix(mistake.variable).lstrip(": ")  # the title names it
        mistakes.setdefault(mistake.variable, []).append(line)
    for variable, lines in mistakes.items():
        yield SETTING_WRONG.found("; ".join(lines), variable)
    for name, reason in waiting.items():
        if has_supervisor or not name.startswith(RESTART):
            yield SETUP_INCOMPLETE.found(reason, name)


def status(metrics: ProvisionMetrics) -> str:
    """Return the metrics as one line for people."""
    if metrics.certificate_days_left is None:
        parts = ["no certificate yet"]
    else:
        parts = [f"the certificate is valid for {metrics.certificate_days_left:.0f} d"]
    parts += [f"{name}: {reason}" for name, reason in metrics.waiting.items()]
    if not metrics.waiting:
        parts.insert(0, "everything is in place")
    if metrics.last_restart:
        parts.append(f"last: {metrics.last_restart}")
    return "; ".join(parts)
