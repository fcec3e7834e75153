"""python -m hems WORKER: read the settings, build one worker and run it to its end."""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import importlib
import os
import pkgutil
import sys
from pathlib import Path

from loguru import logger

from hems import system, workers
from hems.errors import ConfigError
from hems.protocols import translations
from hems.settings.credentials_directory import with_credentials
from hems.settings.load import config_path, read, warm_up
from hems.settings.validation_problems import refuse
from hems.supervision.worker.notifier import SupervisorNotifier
from hems.system import logs
from hems.system.clock import SystemClock
from hems.system.sd_notify import SdNotifySender
from hems.worker_runtime import Context, SignalStop, run
from hems.worker_table import TABLE, WORKERS, WorkerEntry

RESTART_S = 300.0
USAGE = 2  # the exit status that argparse uses


def preload() -> None:
    """Import the modules of all forked workers, and do once what each does at its start.

    They share supervisord's memory. A worker reports the error of a module that cannot be imported.
    """
    forked = [f"{workers.__name__}.{entry.package}" for entry in TABLE if entry.is_forked]
    for package in (*forked, system.__name__):
        with contextlib.suppress(ImportError):
            path = importlib.import_module(package).__path__
            for module in pkgutil.walk_packages(path, f"{package}."):
                with contextlib.suppress(ImportError):
                    importlib.import_module(module.name)
    warm_up(config_path(os.environ))
    translations.table()
    logs.to_stderr("preload")  # loguru makes its parsers then


def main() -> int:
    """Run the worker that the command line names and return the exit status."""
    names = sys.argv[1:]
    if len(names) != 1 or names[0] not in WORKERS:  # argparse would cost each worker a megabyte
        words = " ".join(names) or "no worker"
        sys.stderr.write(f"found {words}, expected python -m hems WORKER with one of these:\n")
        sys.stderr.writelines(f"  {entry.name:<15}{entry.purpose}\n" for entry in WORKERS.values())
        return USAGE
    code = start(WORKERS[names[0]])
    if code and os.getpid() == 1:
        # A container without supervisord: constant restarts would block balena's updates.
        SignalStop().wait(RESTART_S)
    return code


def start(entry: WorkerEntry) -> int:
    """Run the worker to its end and return the exit status.

    It does not start with a mistake in a setting that it cannot do without; any other mistake is
    only logged.
    """
    faulthandler.enable()  # on SIGABRT from the supervisor, print where a hanging worker is
    logs.to_stderr(entry.name)
    stop = SignalStop()
    notify = SupervisorNotifier.of_environment(SdNotifySender())
    settings = read(config_path(os.environ), with_credentials(os.environ))
    log = settings.logs
    logs.to_stderr(entry.name, log.level)
    logs.to_file(Path(log.directory, f"{entry.name}.log"), log.level, log.max_bytes, log.files)
    fatal = [problem for problem in settings.problems if entry.is_stopped_by(problem)]
    for problem in settings.problems:
        if problem not in fatal:
            logger.warning("ignored: {}", problem.line)
    try:
        refuse(fatal)
        worker = entry.build(settings, notify)
    except ConfigError as error:
        logger.error("{}", error)
        notify.status(str(error))  # for `supervisorctl health`
        return error.exit_code
    gc.freeze()  # a full collection of everything imported stops a worker for 35 ms
    return run(worker, Context(SystemClock(), stop, notify))


if __name__ == "__main__":
    sys.exit(main())
