"""The properties of a unit by systemd's names, as `systemctl show` prints them.

Times of the day are in UTC. Properties of a process's settings (systemd.exec(5)) are not among
them: some of those are secret.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Enum
from signal import Signals

from hems.supervision.settings import time_span
from hems.supervision.settings.directive_parser import DIRECTIVES
from hems.supervision.settings.unit_spec import UnitSpec
from hems.supervision.units.restart_policy import ProcessExit
from hems.supervision.units.unit_phase import active_state
from hems.supervision.units.unit_state_machine import Unit

_DEPENDENCIES = ("Requires", "BindsTo", "After", "Wants", "Upholds", "PartOf", "Conflicts")
_EXITED, _KILLED, _DUMPED = 1, 2, 3  # the si_code of SIGCHLD: waitid(2)


def state(unit: Unit, pid: int, now: float, wall: float) -> dict[str, str]:
    """Return what changes, and the dependencies.

    `now` is in monotonic seconds, `wall` the same moment in seconds since 1970.
    """
    code, status = _exit(unit.run.exit)
    return {
        "Id": unit.spec.name,
        "Type": unit.spec.type.value,
        "ActiveState": active_state(unit.phase),
        "SubState": unit.phase.value,
        "Reason": unit.reason,
        "Result": unit.run.result.value,
        "StatusText": unit.status,
        "MainPID": str(pid),
        "ExecMainCode": code,
        "ExecMainStatus": status,
        "NRestarts": str(unit.starts.restarts),
        **_times(unit, now, wall),
        **{name: _value(unit.spec, name) for name in _DEPENDENCIES},
    }


def load_state(mistake: str) -> dict[str, str]:
    """Return whether the settings that were read last have a mistake."""
    return {"LoadState": "bad-setting" if mistake else "loaded", "LoadError": mistake}


def settings(spec: UnitSpec) -> dict[str, str]:
    """Return the values of the directives: those given and the defaults."""
    return {
        _property(name): _value(spec, name)
        for name, directive in DIRECTIVES.items()
        if not directive.setting.startswith("process.")
    }


def _times(unit: Unit, now: float, wall: float) -> dict[str, str]:
    times = {
        "StateChange": unit.times.state_change,
        "InactiveExit": unit.times.inactive_exit,
        "ActiveEnter": unit.times.active_enter,
        "ActiveExit": unit.times.active_exit,
        "InactiveEnter": unit.times.inactive_enter,
        "ExecMainStart": unit.started_at,
    }
    texts = {}
    for name, at in times.items():
        texts[f"{name}Timestamp"] = _date(wall - (now - at)) if at else ""
        texts[f"{name}TimestampMonotonic"] = str(round((at or 0.0) * 1e6))
    return texts


def _date(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%a %Y-%m-%d %H:%M:%S UTC")


def _exit(exit_: ProcessExit | None) -> tuple[str, str]:
    if exit_ is None:
        return "0", "0"
    if not exit_.signal:
        return str(_EXITED), str(exit_.code)
    return str(_DUMPED if exit_.is_core_dumped else _KILLED), str(exit_.signal)


def _property(directive: str) -> str:
    is_time = directive.endswith("Sec")
    return f"{directive.removesuffix('Sec')}USec" if is_time else directive


def _value(spec: UnitSpec, name: str) -> str:
    if name == "NotifyAccess":
        return spec.notify_access.value
    value: object = spec
    for part in DIRECTIVES[name].setting.split("."):
        value = getattr(value, part)
    if name == "SocketMode":
        return f"{value:04o}"
    return _text(value)


def _text(value: object) -> str:
    if type(value) is tuple:  # a setting is a NamedTuple with a text of its own
        return " ".join(map(_text, value))
    if isinstance(value, frozenset):
        return " ".join(sorted(map(_text, value)))
    if isinstance(value, float):
        return time_span.text(value)
    return "[not set]" if value is None else _word(value)


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Signals):
        return value.name
    return str(value.value if isinstance(value, Enum) else value)
