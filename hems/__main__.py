"""python -m hems WORKER: read the settings, build one worker and run it to its end."""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import importlib
import os
import pkgutil
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

from loguru import logger

from hems import system, workers
from hems.errors import ConfigError
from hems.protocols import json_decoding, translations
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
# The modules of hems.system that only a worker of another container imports.
NOT_FOR_FORKED = {"captive_portal", "dbus", "network_manager", "portal_proxy"}
# requests guesses the encoding of a text with it, and warns if it is missing; hems takes bytes.
DETECTOR, NO_DETECTOR = "charset_normalizer", "Unable to find acceptable character detection"
USAGE = 2  # the exit status that argparse uses


def preload() -> None:
    """Import the modules of all forked workers, and do once what each does at its start.

    They share supervisord's memory. A worker reports the error of a module that cannot be imported.
    """
    forked = [f"{workers.__name__}.{entry.package}" for entry in TABLE if entry.is_forked]
    with _without_detector():
        for package in (*forked, system.__name__):
            _import_all(package)
    warm_up(config_path(os.environ))
    json_decoding.warm_up()
    translations.table()
    logs.to_stderr("preload")  # loguru makes its parsers then


def _import_all(package: str) -> None:
    """Import a package and its modules, without those that cannot be imported."""
    with contextlib.suppress(ImportError):
        path = importlib.import_module(package).__path__
        for module in pkgutil.walk_packages(path, f"{package}."):
            if module.name.rpartition(".")[2] not in NOT_FOR_FORKED:
                with contextlib.suppress(ImportError):
                    importlib.import_module(module.name)


@contextlib.contextmanager
def _without_detector() -> Iterator[None]:
    """Within `with`, requests is imported as if DETECTOR, which takes 2.6 MB, were not there."""
    is_hidden = DETECTOR not in sys.modules
    if is_hidden:
        sys.modules[DETECTOR] = None  # type: ignore[assignment]  # its import fails
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", NO_DETECTOR)
            yield
    finally:
        if is_hidden:
            del sys.modules[DETECTOR]


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
