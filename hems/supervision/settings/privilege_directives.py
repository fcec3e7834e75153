"""The directives of what a process may do: user, groups and capabilities."""

from __future__ import annotations

from hems.supervision.settings.capability_names import capability_list
from hems.supervision.settings.directive import Directive, boolean, names

EXEC = "systemd.exec(5)"


def _account(value: str) -> str:
    if not value or any(character.isspace() for character in value):
        raise ValueError(f"found {value!r}, expected a name or a number")
    return value


DIRECTIVES = (
    Directive(
        "User",
        "process.privileges.user",
        _account,
        "user",
        "The user that the process runs as, with the user's groups. USER, LOGNAME, HOME and SHELL "
        "are set",
        EXEC,
        "supervisord's own `user` does not set these variables",
    ),
    Directive(
        "Group",
        "process.privileges.group",
        _account,
        "the user's",
        "The group that the process runs as",
        EXEC,
    ),
    Directive(
        "SupplementaryGroups",
        "process.privileges.supplementary_groups",
        names,
        "",
        "More groups of the process",
        EXEC,
        is_list=True,
    ),
    Directive(
        "NoNewPrivileges",
        "process.privileges.no_new_privileges",
        boolean,
        "no",
        "No program that it executes gains privileges: set-user-ID bits have no effect",
        EXEC,
    ),
    Directive(
        "CapabilityBoundingSet",
        "process.privileges.bounding",
        capability_list,
        "supervisord's",
        "The capabilities that the process can have at most, also as root. Empty: none. ~ before "
        "the first one: all but these",
        EXEC,
        is_list=True,
    ),
    Directive(
        "AmbientCapabilities",
        "process.privileges.ambient",
        capability_list,
        "",
        "The capabilities that it keeps without being root",
        EXEC,
        "One that supervisord lacks has no effect, and a line in the log says so",
        is_list=True,
    ),
)
