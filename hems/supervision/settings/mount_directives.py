"""The directives of which files a process sees, and which it may change."""

from __future__ import annotations

from hems.supervision.settings.directive import Directive, boolean, one_of
from hems.supervision.settings.environment_and_credential_directives import optional_path
from hems.supervision.settings.process_settings import PathEntry, ProtectSystem

EXEC = "systemd.exec(5)"
_NEEDS = (
    "It needs CAP_SYS_ADMIN. Where supervisord lacks it, the directive has no effect, and a line "
    "in the log says so"
)


def paths(value: str) -> tuple[PathEntry, ...]:
    """Return the absolute paths of a list; `-` in front of one: it need not exist."""
    return tuple(optional_path(path) for path in value.split())


DIRECTIVES = (
    Directive(
        "PrivateTmp",
        "process.mounts.private_tmp",
        boolean,
        "no",
        "/tmp and /var/tmp are empty folders of the unit's own, gone with its process",  # noqa: S108
        EXEC,
        f"They are in memory, and ExecStartPre and the like have their own. {_NEEDS}",
    ),
    Directive(
        "ProtectSystem",
        "process.mounts.protect_system",
        one_of(ProtectSystem),
        "no",
        "yes: /usr and /boot are read-only; full: also /etc; strict: everything but /dev, /proc, "
        "/sys and ReadWritePaths",
        EXEC,
        _NEEDS,
    ),
    Directive(
        "ReadOnlyPaths",
        "process.mounts.read_only",
        paths,
        "",
        "Files and folders that the process may only read",
        EXEC,
        _NEEDS,
        is_list=True,
    ),
    Directive(
        "ReadWritePaths",
        "process.mounts.read_write",
        paths,
        "",
        "Files and folders below a read-only one that the process may change",
        EXEC,
        _NEEDS,
        is_list=True,
    ),
    Directive(
        "InaccessiblePaths",
        "process.mounts.inaccessible",
        paths,
        "",
        "Files and folders that the process finds empty",
        EXEC,
        _NEEDS,
        is_list=True,
    ),
)
