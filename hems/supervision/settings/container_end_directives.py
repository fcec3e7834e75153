"""The directives of actions that end the whole container because of one unit."""

from enum import Enum
from typing import NamedTuple

from hems.supervision.settings.directive import Directive, count

UNIT = "systemd.unit(5)"
_OF_A_MACHINE = ("reboot", "poweroff", "halt", "kexec", "soft-reboot")


class Action(Enum):
    NONE = "none"
    EXIT = "exit"  # stop all units in order, then end supervisord
    EXIT_FORCE = "exit-force"  # kill all units and end supervisord at once


class ActionSettings(NamedTuple):
    """The statuses replace that of the unit's main process."""

    failure: Action = Action.NONE
    success: Action = Action.NONE
    start_limit: Action = Action.NONE
    failure_status: int | None = None
    success_status: int | None = None


def _action(value: str) -> Action:
    if value.startswith(_OF_A_MACHINE):
        raise ValueError(f"found {value!r}, which is for a machine; in a container use exit")
    names = [action.value for action in Action]
    if value not in names:
        raise ValueError(f"found {value!r}, expected {' or '.join(names)}")
    return Action(value)


def _status(value: str) -> int:
    if count(value) > 255:
        raise ValueError(f"found {value!r}, expected an exit status from 0 to 255")
    return int(value)


DIRECTIVES = (
    Directive(
        "FailureAction",
        "actions.failure",
        _action,
        "none",
        "What follows when the unit has failed and does not restart. exit: stop all units in "
        "order, and end supervisord with FailureActionExitStatus; exit-force: kill all units and "
        "end it at once",
        UNIT,
        "reboot, poweroff and the like are refused: in a container there is no machine to reboot",
    ),
    Directive(
        "SuccessAction",
        "actions.success",
        _action,
        "none",
        "As FailureAction, when the unit has ended with success or was stopped on request",
        UNIT,
        "It has no effect while supervisord shuts down",
    ),
    Directive(
        "StartLimitAction",
        "actions.start_limit",
        _action,
        "none",
        "As FailureAction, when StartLimitBurst is reached",
        UNIT,
        "Without it, FailureAction applies then",
    ),
    Directive(
        "FailureActionExitStatus",
        "actions.failure_status",
        _status,
        "that of the main process, or 255",
        "The exit status of supervisord after FailureAction or StartLimitAction",
        UNIT,
        "By default it is never 0, so that `restart: on-failure` sees a failure",
    ),
    Directive(
        "SuccessActionExitStatus",
        "actions.success_status",
        _status,
        "that of the main process",
        "The exit status of supervisord after SuccessAction",
        UNIT,
        "0 if a signal ended the main process",
    ),
)
