"""Add systemctl's commands to supervisorctl (command_table.py); `start` gives reasons.

[ctlplugin:supervision]
supervisor.ctl_factory = hems.supervision.supervisord.supervisorctl_plugin:make_plugin

supervisorctl does not start if this import fails, so import little here.
"""

from __future__ import annotations

import http.client
import os
import xmlrpc.client
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from supervisor.options import make_namespec
from supervisor.supervisorctl import (
    ControllerPluginBase,
    DefaultControllerPlugin,
    LSBInitExitStatuses,
)
from supervisor.xmlrpc import Faults

from hems.supervision.commands.command_table import COMMANDS, Command, WrongUsage, parse
from hems.supervision.errors import InvalidConfiguration
from hems.supervision.supervisord.supervisorctl_commands import (
    UNKNOWN_UNIT,
    SupervisorctlCommands,
    UnknownUnit,
)
from hems.supervision.supervisord.update_command import UpdateCommand

_WITH_REASON = {  # what precedes the reason of a start that failed
    Faults.SPAWN_ERROR: "SPAWN_ERROR",
    Faults.NO_FILE: "NO_FILE",
    Faults.NOT_EXECUTABLE: "NOT_EXECUTABLE",
}
_NEED_NO_SUPERVISORD = frozenset({"cat", "verify"})


class SupervisorctlPlugin(ControllerPluginBase):  # type: ignore[misc]  # supervisor has no types
    """supervisorctl calls do_COMMAND for a command, and help_COMMAND for its help."""

    name = "supervision"

    def __init__(self, controller: Any) -> None:
        super().__init__(controller)
        controller.identchars += "-"  # so that cmd.Cmd reads `reset-failed` as one word
        start = StockCommands(controller)
        controller.do_start, controller.do_restart = start.do_start, start.do_restart
        controller.do_update = start.do_update
        for plugin in controller.options.plugins:  # the earlier ones would say that there is none
            for command in COMMANDS:
                setattr(plugin, f"help_{command.name}", partial(_HELP[command.name], self))
        self._commands = SupervisorctlCommands(
            lambda: controller.get_server_proxy("supervision"),
            self._output,
            Path(controller.options.configfile or ""),
        )

    def do_help(self, arg: str) -> None:
        """List the commands; supervisord's own plugin prints the help of one."""
        if not arg:
            super().do_help(arg)

    def execute(self, command: Command, text: str) -> None:
        """Run a command with the arguments in `text`, and set the exit status."""
        try:
            arguments = parse(command, text)
            if command.name in _NEED_NO_SUPERVISORD or self.ctl.upcheck():
                status = getattr(self._commands, command.name.replace("-", "_"))(arguments)
                self.ctl.exitstatus = status
        except WrongUsage as error:
            self._fail(str(error), LSBInitExitStatuses.INVALID_ARGS)
        except UnknownUnit as error:
            self._fail(str(error), UNKNOWN_UNIT)
        except InvalidConfiguration as error:
            self._fail(str(error), LSBInitExitStatuses.GENERIC)
        except BrokenPipeError:  # `monitor | head`: nobody reads any more, nor what Python flushes
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.ctl.stdout.fileno())
        except (OSError, http.client.HTTPException) as error:
            self._fail(f"supervisord does not answer: {error}", LSBInitExitStatuses.GENERIC)
        except xmlrpc.client.Fault as fault:
            is_unknown = fault.faultCode == Faults.BAD_NAME
            self._fail(_explain(fault), UNKNOWN_UNIT if is_unknown else LSBInitExitStatuses.GENERIC)

    def _output(self, text: str) -> None:
        """Write a line at once: a program may read it."""
        self.ctl.output(text)
        self.ctl.stdout.flush()

    def _fail(self, problem: str, status: int) -> None:
        self.ctl.output(f"ERROR: {problem}")
        self.ctl.exitstatus = status


def _do(command: Command) -> Callable[[SupervisorctlPlugin, str], None]:
    return lambda plugin, text: plugin.execute(command, text)


def _help(command: Command) -> Callable[[SupervisorctlPlugin], None]:
    return lambda plugin: plugin.ctl.output(f"{command.usage}\t{command.purpose}")


_HELP = {command.name: _help(command) for command in COMMANDS}
for _command in COMMANDS:  # cmd.Cmd looks up attributes such as `do_reset-failed`
    setattr(SupervisorctlPlugin, f"do_{_command.name}", _do(_command))
    setattr(SupervisorctlPlugin, f"help_{_command.name}", _HELP[_command.name])


def make_plugin(controller: Any, **_options: str) -> SupervisorctlPlugin:
    return SupervisorctlPlugin(controller)


def _explain(fault: xmlrpc.client.Fault) -> str:
    if fault.faultCode == Faults.UNKNOWN_METHOD:
        return "supervisord runs without [rpcinterface:supervision]"
    return str(fault.faultString).removeprefix("BAD_NAME: ").removeprefix("FAILED: ")


class StockCommands(DefaultControllerPlugin):  # type: ignore[misc]  # supervisor has no types
    """supervisord's own commands, with the reason that supervisord gives."""

    def _startresult(self, result: Mapping[str, Any]) -> str:
        """Return the line for one process."""
        code = _WITH_REASON.get(result["status"])
        if not code:
            return str(super()._startresult(result))
        name = make_namespec(result["group"], result["name"])
        reason = str(result["description"]).removeprefix(f"{code}: ")
        return f"{name}: ERROR ({reason.removeprefix(f'{name}: ')})"

    def do_update(self, arg: str) -> None:
        """Update what has changed, and name the units whose settings are wrong."""
        command = UpdateCommand(
            self.ctl.get_supervisor(), self.ctl.get_server_proxy("supervision"), self.ctl.output
        )
        try:
            status = command.run(arg.split())
        except xmlrpc.client.Fault as fault:
            if fault.faultCode != Faults.SHUTDOWN_STATE:
                raise
            self.ctl.output("ERROR: already shutting down")
            status = LSBInitExitStatuses.GENERIC
        if status:
            self.ctl.exitstatus = status


def stock_commands() -> list[str]:
    """Return the names of supervisord's own commands."""
    names = [name for name in dir(DefaultControllerPlugin) if name.startswith("do_")]
    return [name.removeprefix("do_") for name in names]
