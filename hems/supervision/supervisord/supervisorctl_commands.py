"""What each command of supervisorctl asks supervisord, and what it prints: systemctl's commands."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from hems.supervision.commands import dependency_tree, start_times
from hems.supervision.commands.command_table import Arguments
from hems.supervision.commands.monitor_lines import StateLines
from hems.supervision.errors import no_such_unit
from hems.supervision.health import health_json
from hems.supervision.health.health_row import HealthRow
from hems.supervision.health.health_table import as_table, terminal_width
from hems.supervision.processes import resource_usage

UNHEALTHY, INACTIVE, NOT_FAILED, UNKNOWN_UNIT = 3, 3, 1, 4
Properties = dict[str, dict[str, str]]


class UnknownUnit(Exception):
    """There is no unit of this name."""


class SupervisorctlCommands:
    """Each method returns the exit status. `rpc` returns the namespace `supervision`."""

    def __init__(
        self, rpc: Callable[[], Any], output: Callable[[str], None], configuration: Path
    ) -> None:
        self._rpc = rpc
        self._output = output
        self._configuration = configuration

    def health(self, arguments: Arguments) -> int:
        report = self._rpc().getHealth()
        rows = {row.name: row for row in health_json.decode(report, time.monotonic())}
        names = _known(arguments.names, rows) or rows
        listed: list[HealthRow] = [rows[name] for name in names]
        usages = resource_usage.usages({row.name: row.pid for row in listed if row.pid})
        if arguments.has("--json"):
            self._output(health_json.as_json(listed, usages))
        else:
            self._output(as_table(listed, terminal_width(), time.monotonic(), usages))
        return 0 if all(row.is_healthy for row in listed) else UNHEALTHY

    def show(self, arguments: Arguments) -> int:
        units = self._units(arguments.names)
        mains = {name: int(unit["MainPID"]) for name, unit in units.items()}
        usages = resource_usage.usages({name: pid for name, pid in mains.items() if pid})
        wanted = arguments.options.get("--property=", ())
        parts = []
        for name in arguments.names:
            unit = units[name]
            if name in usages:
                unit["MemoryCurrent"] = str(usages[name].memory_bytes)
                unit["CPUUsageNSec"] = str(round(usages[name].cpu_s * 1e9))
                unit["TasksCurrent"] = str(usages[name].tasks)
            keys = [key for key in wanted if key in unit] if wanted else sorted(unit)
            parts.append("\n".join(f"{key}={unit[key]}" for key in keys))
        self._output("\n\n".join(parts))
        return 0

    def cat(self, arguments: Arguments) -> int:
        # Only this command reads the file: supervisord's options take long to import.
        from hems.supervision.supervisord.tolerant_configuration_reader import WrittenUnits  # noqa: PLC0415

        written = WrittenUnits(self._configuration, os.environ)
        _known(arguments.names, written.sections)
        self._output("\n\n".join(written.text(name) for name in arguments.names))
        return 0

    def list_dependencies(self, arguments: Arguments) -> int:
        units = self._units(())
        _known(arguments.names, units)
        root = arguments.names[0] if arguments.names else ""
        is_reverse = arguments.has("--reverse")
        self._output(dependency_tree.as_tree(units, root, is_reverse=is_reverse))
        return 0

    def blame(self, _arguments: Arguments) -> int:
        self._output(start_times.blame(self._units(())))
        return 0

    def critical_chain(self, arguments: Arguments) -> int:
        units = self._units(())
        _known(arguments.names, units)
        self._output(start_times.critical_chain(units, "".join(arguments.names)))
        return 0

    def is_active(self, arguments: Arguments) -> int:
        states = list(self._states(arguments.names))
        if any(state in {"active", "reloading"} for state in states):
            return 0
        return INACTIVE if any(states) else UNKNOWN_UNIT

    def is_failed(self, arguments: Arguments) -> int:
        states = list(self._states(arguments.names))
        if "failed" in states:
            return 0
        return NOT_FAILED if any(states) else UNKNOWN_UNIT

    def monitor(self, arguments: Arguments) -> int:
        """Print changes until Ctrl-C; supervisord answers as soon as there is one."""
        _known(arguments.names, self._units(()))
        lines = StateLines(frozenset(arguments.names), is_json=arguments.has("--json"))
        last = -1
        try:
            while True:
                answer = json.loads(self._rpc().getChanges(last))
                for line in lines.of(answer["changes"], last):
                    self._output(line)
                last = answer["last"]
        except KeyboardInterrupt:
            return 0

    def reload_unit(self, arguments: Arguments) -> int:
        [name] = arguments.names
        self._rpc().reloadUnit(name)
        self._output(f"{name}: reloading")
        return 0

    def reset_failed(self, arguments: Arguments) -> int:
        [name] = arguments.names
        self._rpc().resetFailed(name)
        self._output(f"{name}: reset")
        return 0

    def verify(self, arguments: Arguments) -> int:
        from hems.supervision.supervisord import configuration_check  # noqa: PLC0415 - as in `cat`

        files = [Path(name) for name in arguments.names] or [self._configuration]
        return configuration_check.report(files, os.environ, self._output)

    def _units(self, names: Iterable[str]) -> Properties:
        units: Properties = json.loads(self._rpc().getUnits(list(names)))
        return units

    def _states(self, names: Iterable[str]) -> Iterator[str]:
        """Print and yield the state of each unit; of an unknown one print inactive, yield ""."""
        units = self._units(())
        for name in names:
            state = units.get(name, {}).get("ActiveState", "")
            self._output(state or "inactive")
            yield state


def _known(names: Iterable[str], units: Mapping[str, object]) -> tuple[str, ...]:
    """Return the names. Raises UnknownUnit."""
    if unknown := [name for name in names if name not in units]:
        raise UnknownUnit(no_such_unit(unknown, units))
    return tuple(names)
