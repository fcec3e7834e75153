"""The unit of one [program:x]: systemd's directives in the program's environment.

    environment = UNIT="Type=notify WatchdogSec=30 After=provision,led TimeoutStartSec='1min 30s'"

Directives are separated by spaces, the names in a list by commas; a value with a space
stands in single quotes. Names, meanings and defaults are those of systemd.service(5) and
systemd.unit(5), v257. What supervisord has its own setting for is taken from there: autostart,
autorestart (unless Restart is given), exitcodes (SuccessExitStatus), stopwaitsecs (TimeoutStopSec).
"""

from __future__ import annotations

import difflib
import math
import shlex
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import Enum

from hems.errors import ConfigError
from hems.supervision import timespan
from hems.supervision.spec import LimitAction, Restart, Type, UnitSpec


def parse(text: str, base: UnitSpec) -> UnitSpec:
    """Return `base` changed by the directives of UNIT. Raises ConfigError naming the program."""
    try:
        given = _assignments(text)
        values = {_FIELDS[name][0]: _value(name, value) for name, value in given.items()}
        spec = replace(base, **_implied(base, values), **values)  # type: ignore[arg-type]
        _check(spec)
    except ValueError as error:
        raise ConfigError(f"[program:{base.name}] UNIT: {error}") from None
    return spec


def _assignments(text: str) -> dict[str, str]:
    given: dict[str, str] = {}
    for word in shlex.split(text):
        name, is_assigned, value = word.partition("=")
        if not is_assigned:
            raise ValueError(f"found {word!r}, expected Directive=value")
        if name not in _FIELDS:
            near = difflib.get_close_matches(name, _FIELDS, 1)
            known = f"did you mean {near[0]}?" if near else f"known: {', '.join(_FIELDS)}"
            raise ValueError(f"unknown directive {name!r}, {known}")
        if name in given:
            raise ValueError(f"{name} stands there twice")
        given[name] = value
    return given


def _value(name: str, value: str) -> object:
    try:
        return _FIELDS[name][1](value)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _implied(base: UnitSpec, values: Mapping[str, object]) -> dict[str, object]:
    """Return the defaults that depend on other settings."""
    implied: dict[str, object] = {"abort_timeout_s": base.stop_timeout_s}
    if values.get("type") is Type.ONESHOT:
        implied["start_timeout_s"] = math.inf
    return {name: value for name, value in implied.items() if name not in values}


def _check(spec: UnitSpec) -> None:
    if spec.type is Type.ONESHOT:
        if spec.restart in {Restart.ALWAYS, Restart.ON_SUCCESS}:
            raise ValueError(
                f"Type=oneshot cannot have Restart={spec.restart.value} (autorestart=true), "
                "use Restart=on-failure (autorestart=unexpected)"
            )
        if spec.watchdog_s < math.inf:
            raise ValueError("Type=oneshot cannot have WatchdogSec, use TimeoutStartSec")
    if spec.restart_steps and not spec.restart_s < spec.restart_max_delay_s < math.inf:
        raise ValueError("RestartSteps needs a RestartMaxDelaySec above RestartSec")


def _one_of(choices: type[Enum]) -> Callable[[str], Enum]:
    def convert(value: str) -> Enum:
        names = [str(choice.value) for choice in choices]
        if value not in names:
            raise ValueError(f"found {value!r}, expected {' or '.join(names)}")
        return choices(value)

    return convert


def _names(value: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in value.split(",") if name.strip())


def _timeout(value: str) -> float:
    """Read a time-out, for which systemd takes 0 as never."""
    return timespan.seconds(value) or math.inf


def _count(value: str) -> int:
    if not (value.isascii() and value.isdecimal()):
        raise ValueError(f"found {value!r}, expected a whole number")
    return int(value)


def _exit_codes(value: str) -> frozenset[int]:
    codes = frozenset(_count(code) for code in _names(value))
    if any(code > 255 for code in codes):
        raise ValueError(f"found {value!r}, expected exit codes from 0 to 255")
    return codes


_FIELDS: dict[str, tuple[str, Callable[[str], object]]] = {
    "Type": ("type", _one_of(Type)),
    "After": ("after", _names),
    "Requires": ("requires", _names),
    "WatchdogSec": ("watchdog_s", _timeout),
    "TimeoutStartSec": ("start_timeout_s", _timeout),
    "TimeoutAbortSec": ("abort_timeout_s", _timeout),
    "Restart": ("restart", _one_of(Restart)),
    "RestartSec": ("restart_s", timespan.seconds),
    "RestartSteps": ("restart_steps", _count),
    "RestartMaxDelaySec": ("restart_max_delay_s", timespan.seconds),
    "RestartPreventExitStatus": ("prevent_codes", _exit_codes),
    "StartLimitBurst": ("limit_burst", _count),
    "StartLimitIntervalSec": ("limit_interval_s", timespan.seconds),
    "StartLimitAction": ("limit_action", _one_of(LimitAction)),
    "PassEnvironment": ("pass_environment", _names),
}
