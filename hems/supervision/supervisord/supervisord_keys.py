"""The settings of a [program:x] that supervisord knows: their values, and what has no effect."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

from supervisor import datatypes

_NUMBER = "a whole number"
_SWITCH = "true or false"
_SIZE = "a size such as 50MB"
_TEXT = (str, "")
Convert = Callable[[str], object]
MAX_PROCESSES = 1000  # of one program; supervisord makes all of them before it starts one


def _process_count(value: str) -> int:
    """Return a number of processes. Raises ValueError."""
    count = int(datatypes.integer(value))
    if not 0 <= count <= MAX_PROCESSES:
        raise ValueError
    return count


# supervisor 4.3's documentation, "[program:x] Section Values"
SETTINGS: Mapping[str, tuple[Convert, str]] = {
    "command": _TEXT,
    "numprocs": (_process_count, f"a whole number from 0 to {MAX_PROCESSES}"),
    "process_name": _TEXT,
    "environment": (datatypes.dict_of_key_value_pairs, 'NAME="value",NAME="value"'),
    "directory": _TEXT,
    "user": _TEXT,
    "serverurl": _TEXT,
    "stdout_logfile": _TEXT,
    "stderr_logfile": _TEXT,
    **dict.fromkeys(
        ("numprocs_start", "priority", "stopwaitsecs", "startsecs", "startretries"),
        (datatypes.integer, _NUMBER),
    ),
    **dict.fromkeys(
        ("stdout_logfile_backups", "stderr_logfile_backups"), (datatypes.integer, _NUMBER)
    ),
    **dict.fromkeys(
        ("autostart", "stopasgroup", "killasgroup", "redirect_stderr"),
        (datatypes.boolean, _SWITCH),
    ),
    **dict.fromkeys(
        ("stdout_events_enabled", "stderr_events_enabled", "stdout_syslog", "stderr_syslog"),
        (datatypes.boolean, _SWITCH),
    ),
    **dict.fromkeys(
        ("stdout_logfile_maxbytes", "stderr_logfile_maxbytes"), (datatypes.byte_size, _SIZE)
    ),
    **dict.fromkeys(
        ("stdout_capture_maxbytes", "stderr_capture_maxbytes"), (datatypes.byte_size, _SIZE)
    ),
    "autorestart": (datatypes.auto_restart, "true, false or unexpected"),
    "exitcodes": (datatypes.list_of_exitcodes, "exit codes from 0 to 255"),
    "stopsignal": (datatypes.signal_number, "the name of a signal, such as TERM"),
    "umask": (datatypes.octal_type, "an octal number such as 022"),
}
WITHOUT_EFFECT = {
    "startsecs": "Type decides when a unit is up",
    "startretries": "StartLimitBurst decides",
    "stopasgroup": "KillMode decides",
    "killasgroup": "KillMode decides",
}
OF_THE_MACHINE = ("user", "stdout_logfile", "stderr_logfile")  # supervisord looks at them


def fault(key: str, value: str) -> str:
    """Return what is wrong with a value, empty if nothing is."""
    convert, expected = SETTINGS[key]
    found = "something else" if key == "environment" else repr(value)  # it may be secret
    try:
        convert(value)
    except (ValueError, TypeError):
        return f"found {found}, expected {expected}"
    return ""


def expansion_fault(value: str, known: Mapping[str, object]) -> str:
    """Return which %(NAME)s of a value supervisord does not know, empty if none."""
    try:
        value % known
    except KeyError as error:
        name = str(error.args[0])
        variable = name.removeprefix("ENV_")
        expected = f"the variable {variable}" if variable != name else "a name that it knows"
        return f"found %({name})s, expected {expected} in supervisord's environment"
    except (ValueError, TypeError):
        return "found a % without (NAME)s, expected %%"
    return ""


@lru_cache  # a check asks for those of a program once for each of its settings
def variables(text: str) -> Mapping[str, str]:
    """Return the variables in `environment`, none if supervisord cannot read it."""
    try:
        pairs: dict[str, str] = datatypes.dict_of_key_value_pairs(text)
    except ValueError:
        return {}
    return pairs


def fault_here(key: str, value: str, environment: Mapping[str, str]) -> str:
    """Return what is wrong with a value on this machine, empty if nothing is.

    `environment` are those of supervisord's environment.
    """
    match key:
        case "user":
            return _user_fault(value)
        case "stdout_logfile" | "stderr_logfile":
            return _folder_fault(value)
        case "command":
            return _command_fault(value, environment.get("PATH", os.defpath))
    return ""


def _user_fault(value: str) -> str:
    try:
        datatypes.name_to_uid(value)
    except ValueError:
        return f"found {value!r}, expected a user of this machine"
    return ""


def _folder_fault(value: str) -> str:
    folder = Path(value).expanduser().parent
    is_file = value.strip().upper() not in {"AUTO", "NONE", "OFF", "SYSLOG"}
    return f"found no folder {folder}, expected one" if is_file and not folder.is_dir() else ""


def _command_fault(value: str, path: str) -> str:
    try:
        program, *_ = shlex.split(value)
    except ValueError as error:
        return f"found a command that cannot be executed: {error}"
    if shutil.which(program, path=path):
        return ""
    where = "" if "/" in program else f" in PATH={path}"
    return f"found no program {program!r}, expected an executable file{where}"
