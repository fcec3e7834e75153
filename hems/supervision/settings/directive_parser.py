"""Parse the systemd directives of one [program:x], in the variable UNIT of its environment.

    environment = UNIT="Type=notify WatchdogSec=30 After=provision,led TimeoutStartSec='1min 30s'"

Spaces separate directives, commas the names in a list; single quotes enclose a value with spaces.
Names, meanings and defaults are those of systemd.service(5) and systemd.unit(5), v257. These come
from supervisord's own settings: autostart, autorestart (unless there is a Restart), exitcodes
(SuccessExitStatus), and without a directive also stopwaitsecs (TimeoutStopSec) and stopsignal
(KillSignal).
"""

from __future__ import annotations

import contextlib
import math
import shlex
from collections.abc import Iterable, Mapping
from typing import Any

from hems.supervision.errors import InvalidConfiguration, nearest
from hems.supervision.settings import (
    container_end_directives,
    dependency_directives,
    environment_and_credential_directives,
    exec_directives,
    kill_directives,
    limit_directives,
    log_directives,
    mount_directives,
    notify_directives,
    privilege_directives,
    service_directives,
    socket_directives,
)
from hems.supervision.settings.directive import Directive
from hems.supervision.settings.unit_spec import RestartCondition, UnitSpec, UnitType

TABLES = (
    service_directives.DIRECTIVES,
    exec_directives.DIRECTIVES,
    dependency_directives.DIRECTIVES,
    container_end_directives.DIRECTIVES,
    kill_directives.DIRECTIVES,
    environment_and_credential_directives.DIRECTIVES,
    privilege_directives.DIRECTIVES,
    limit_directives.DIRECTIVES,
    mount_directives.DIRECTIVES,
    log_directives.DIRECTIVES,
    socket_directives.DIRECTIVES,
    notify_directives.DIRECTIVES,
)
DIRECTIVES: Mapping[str, Directive] = {row.name: row for table in TABLES for row in table}
_STRIPPED = ("", "'", '"', '""')  # an empty '' may be missing, too, but means nothing
_SETTINGS = {  # supervisord's own, which take the place of directives
    "ExecStart": "command",
    "StandardOutput": "stdout_logfile",
    "StandardError": "stderr_logfile",
    "WantedBy": "autostart",
}


def whole(text: str) -> str:
    """Return the value of UNIT with the quotes that supervisord has stripped from its end."""
    for quotes in _STRIPPED:
        with contextlib.suppress(ValueError):
            shlex.split(text + quotes)
            return text + quotes
    return text


def parse(text: str, base: UnitSpec) -> UnitSpec:
    """Return `base` with the directives of UNIT. Raises InvalidConfiguration."""
    try:
        values = _values(shlex.split(text))
        spec = base._replace(**_implied(base, values))  # type: ignore[arg-type]
        for setting, value in values.items():
            spec = _with(spec, setting.split("."), value)
        _check(spec)
    except ValueError as error:
        raise InvalidConfiguration(f"[program:{base.name}] UNIT: {error}") from None
    return spec


def mistakes(text: str, base: UnitSpec) -> list[str]:
    """Return all mistakes in the directives of UNIT, where `parse` stops at the first."""
    texts, before = [], ""
    with contextlib.suppress(ValueError):  # a quote that does not end: parse finds it
        for word in shlex.split(text):
            try:
                _values([word], before)
            except ValueError as error:
                texts.append(f"[program:{base.name}] UNIT: {error}")
            name = word.partition("=")[0]
            before = name if name in DIRECTIVES else before
    if not texts:
        try:
            parse(text, base)
        except InvalidConfiguration as error:
            texts.append(str(error))
    return texts


def _values(words: Iterable[str], before: str = "") -> dict[str, object]:
    """Return the value of each setting that has a directive; `before` is the one before `words`."""
    values: dict[str, object] = {}
    for word in words:
        name, is_assigned, value = word.partition("=")
        if not is_assigned or name not in DIRECTIVES:
            raise ValueError(_unknown(word, before))
        directive, before = DIRECTIVES[name], name
        if directive.setting in values and not directive.is_list:
            raise ValueError(f"{name} occurs twice")
        try:
            values[directive.setting] = _value(directive, value, values.get(directive.setting, ()))
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
    return values


def _value(directive: Directive, text: str, before: Any) -> object:
    if not directive.is_list:
        return directive.convert(text)
    return (*before, directive.convert(text)) if text else ()


def _unknown(word: str, before: str) -> str:
    """Return what is wrong with a word that is no directive. It may belong to a secret before."""
    if before and DIRECTIVES[before].is_secret:
        return (
            f"{before}: found something else after its value, expected a directive; "
            "put a value with spaces in single quotes"
        )
    name, is_assigned, _ = word.partition("=")
    if not is_assigned or not name:
        return f"found {word!r}, expected Directive=value, with single quotes around spaces"
    if name in _SETTINGS:
        return f"unknown directive {name!r}, use the program's setting {_SETTINGS[name]}"
    near = nearest(name, DIRECTIVES)
    known = f"did you mean {near}?" if near else f"known: {', '.join(DIRECTIVES)}"
    return f"unknown directive {name!r}, {known}"


def _with(settings: Any, path: list[str], value: object) -> Any:
    """Return the frozen `settings` with `value` at the path of attributes."""
    first, *rest = path
    inner = _with(getattr(settings, first), rest, value) if rest else value
    return settings._replace(**{first: inner})


def _implied(base: UnitSpec, values: Mapping[str, object]) -> dict[str, object]:
    """Return the defaults that depend on other settings."""
    stop_s = values.get("stop_timeout_s", base.stop_timeout_s)
    implied: dict[str, object] = {"abort_timeout_s": stop_s}
    if values.get("type") is UnitType.ONESHOT:
        implied["start_timeout_s"] = math.inf
    return implied


def _check(spec: UnitSpec) -> None:
    if spec.type is UnitType.ONESHOT:
        if spec.restart in {RestartCondition.ALWAYS, RestartCondition.ON_SUCCESS}:
            raise ValueError(
                f"Type=oneshot cannot have Restart={spec.restart.value} (autorestart=true), "
                "use Restart=on-failure (autorestart=unexpected)"
            )
        if spec.watchdog_s < math.inf:
            raise ValueError("Type=oneshot cannot have WatchdogSec, use TimeoutStartSec")
    if spec.restart_steps and not spec.restart_s < spec.restart_max_delay_s < math.inf:
        raise ValueError("RestartSteps needs a RestartMaxDelaySec above RestartSec")
