"""The directives for commands that run before, beside and after the main process."""

from __future__ import annotations

from hems.supervision.settings.directive import Directive
from hems.supervision.settings.exec_command import exec_command

_UNLIKE = "The prefixes are -, + and ! (as +). Variables are those of the unit and of systemd"


def _commands(name: str, setting: str, meaning: str, unlike: str = _UNLIKE) -> Directive:
    return Directive(
        name, f"exec.{setting}", exec_command, "", meaning, unlike=unlike, is_list=True
    )


DIRECTIVES = (
    _commands(
        "ExecCondition",
        "condition",
        "Run before everything else. Exit statuses from 1 to 254: the unit need not run, and has "
        "ended with success",
    ),
    _commands("ExecStartPre", "start_pre", "Run before the main process. A failure is the unit's"),
    _commands(
        "ExecStartPost",
        "start_post",
        "Run once the main process is up; until its end the unit is not. A failure is the unit's",
    ),
    _commands(
        "ExecReload",
        "reload",
        "Run by `supervisorctl reload-unit`, with MAINPID; the unit is up meanwhile. A failure "
        "changes nothing",
    ),
    _commands(
        "ExecStop",
        "stop",
        "Run at a stop before the stop signal, with MAINPID, SERVICE_RESULT, EXIT_CODE and "
        "EXIT_STATUS",
    ),
    _commands(
        "ExecStopPost",
        "stop_post",
        "Run after each end of the unit, also after a failed start, with SERVICE_RESULT, "
        "EXIT_CODE and EXIT_STATUS",
    ),
)
