"""The end of the whole container because of one unit: FailureAction and its siblings."""

from __future__ import annotations

from typing import NamedTuple

from hems.supervision.settings.container_end_directives import Action, ActionSettings
from hems.supervision.units.restart_policy import ProcessExit, RunResult
from hems.supervision.units.unit_run import UnitRun

FAILURE_STATUS = 255  # of a failure without an exit status of its own, as in systemd


class ContainerEnd(NamedTuple):
    """supervisord has to end with the exit status `status`."""

    status: int
    is_forced: bool
    reason: str


def after_failure(settings: ActionSettings, run: UnitRun) -> ContainerEnd | None:
    """Return what follows when a unit has failed and does not restart."""
    action, name = settings.failure, "FailureAction"
    if run.result is RunResult.START_LIMIT_HIT and settings.start_limit is not Action.NONE:
        action, name = settings.start_limit, "StartLimitAction"
    status = settings.failure_status
    if status is None:
        status = _own_status(run.exit) or FAILURE_STATUS
    return _end(action, name, status)


def after_success(settings: ActionSettings, run: UnitRun) -> ContainerEnd | None:
    """Return what follows when a unit has ended with success or was stopped."""
    status = settings.success_status
    return _end(
        settings.success, "SuccessAction", _own_status(run.exit) if status is None else status
    )


def _own_status(exit_: ProcessExit | None) -> int:
    return exit_.code if exit_ and not exit_.signal else 0


def _end(action: Action, name: str, status: int) -> ContainerEnd | None:
    if action is Action.NONE:
        return None
    return ContainerEnd(status, action is Action.EXIT_FORCE, f"{name}={action.value}")
