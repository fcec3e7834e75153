"""Diagnose one gateway: run every check at once and print the findings."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from loguru import logger

from hems.doctor import supervisord_health, text_report
from hems.doctor.check_discovery import discover
from hems.doctor.check_interface import CheckContext
from hems.doctor.check_runner import run_checks
from hems.doctor.repair_commands import RepairCommands
from hems.errors import ConfigError, HemsError
from hems.settings.load import config_path, read
from hems.settings.validation_problems import FILE

LIMIT_S = 15.0
NOT_EXAMINED = 2


def diagnose(environ: Mapping[str, str], commands: RepairCommands) -> int:
    """Check the gateway that runs with the variables `environ`; return the exit code.

    0: nothing has failed. 1: a check has failed. 2: one line on stderr says why nothing could
    be checked: no gateway runs, or hems.toml cannot be read.
    """
    logger.remove()
    try:
        context = _context(environ, commands)
        supervisord_health.require_running(context.settings)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return NOT_EXAMINED
    except HemsError as error:
        sys.stderr.write(f"no gateway runs: {error}; to start it, {commands.start_gateway}\n")
        return NOT_EXAMINED
    advice = f"run the doctor again; if this stays, {commands.reboot}"
    findings = run_checks(discover(context), LIMIT_S, advice)
    sys.stdout.writelines(f"{line}\n" for line in text_report.lines(findings))
    return 0 if text_report.is_well(findings) else 1


def _context(environ: Mapping[str, str], commands: RepairCommands) -> CheckContext:
    """Return what every check needs. Raises ConfigError when hems.toml cannot be read."""
    settings = read(config_path(environ), environ)
    if unreadable := [problem.text for problem in settings.problems if problem.part == FILE]:
        raise ConfigError(f"the workers and the doctor cannot run: {'; '.join(unreadable)}")
    return CheckContext(settings, commands)
