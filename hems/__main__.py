"""python -m hems WORKER: settings → adapters → run → exit code."""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import os
import pkgutil
import sys
from collections.abc import Set
from pathlib import Path

from loguru import logger

from hems import system, workers
from hems.builders import OWN, WORKERS, Build
from hems.errors import ConfigError
from hems.runtime import Context, SignalStop, run
from hems.settings.load import read
from hems.settings.problem import FILE, refuse
from hems.system import logs
from hems.system.clock import SystemClock
from hems.system.notify import SystemdNotifier

DEFAULT_CONFIG = "/etc/hems/hems.toml"
RESTART_S = 300.0
USAGE = 2  # as argparse has it


def preload() -> None:
    """Import what the workers import: for supervisord, which is forked into them.

    What cannot be imported is another container's, or its worker says so itself.
    """
    for package in (workers, system):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            with contextlib.suppress(ImportError):
                importlib.import_module(module.name)


def main() -> int:
    """Run the worker that the command line names."""
    names = sys.argv[1:]
    if len(names) != 1 or names[0] not in WORKERS:  # argparse would be a megabyte of each worker
        known = ", ".join(sorted(WORKERS))
        sys.stderr.write(f"found {names}, expected python -m hems WORKER: one of {known}\n")
        return USAGE
    code = start(names[0], WORKERS[names[0]], OWN[names[0]])
    if code and os.getpid() == 1:
        # A container without supervisord: one that restarts all the time blocks balena's updates.
        SignalStop().wait(RESTART_S)
    return code


def start(name: str, build: Build, own: Set[str]) -> int:
    """Run what `build` returns, under `name`, to its end and return the exit code.

    It is not run with a mistake in the parts of the settings that are its `own`.
    """
    faulthandler.enable()  # SIGABRT from the supervisor prints where a hung worker stands
    logs.to_stderr(name)
    stop = SignalStop()
    notify = SystemdNotifier(
        os.environ.get("NOTIFY_SOCKET"), int(os.environ.get("WATCHDOG_USEC", "0"))
    )
    settings, problems = read(Path(os.environ.get("HEMS_CONFIG", DEFAULT_CONFIG)), os.environ)
    log = settings.logs
    logs.to_stderr(name, log.level)
    logs.to_file(Path(log.directory, f"{name}.log"), log.level, log.max_bytes, log.files)
    for one in problems:
        if one.part not in own | {FILE}:
            logger.warning("ignored: {}", one.text)
    try:
        refuse([one for one in problems if one.part in own | {FILE}])
        worker = build(settings, notify)
    except ConfigError as error:
        logger.error("{}", error)
        notify.status(str(error))  # for `supervisorctl health`
        return error.exit_code
    return run(worker, Context(SystemClock(), stop, notify))


if __name__ == "__main__":
    sys.exit(main())
