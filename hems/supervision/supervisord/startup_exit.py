"""End supervisord before it has started a unit: after a mistake, or at a signal."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

_exit = os._exit  # undo_import_effects.py replaces it while packages are preloaded

_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
_missed: list[int] = []  # the signals that came between two runs of supervisord


def leave(server_options: Any, text: str, exit_code: int) -> NoReturn:
    """Exit at once: supervisord would print a traceback and its usage for an exception."""
    for server in server_options.server_configs:
        if server["family"] == socket.AF_UNIX:
            Path(server["file"]).unlink(missing_ok=True)
    server_options.cleanup()  # after a reload there is a pidfile
    sys.stderr.write(f"{text}\n")
    sys.stdout.flush()
    sys.stderr.flush()
    _exit(exit_code)


@contextmanager
def on_stop_signals(server_options: Any) -> Iterator[None]:
    """Leave at a stop signal; afterwards supervisord handles its signals.

    It would set its handlers after it has made its plugins. The kernel ignores a signal without a
    handler for PID 1, so `docker stop` would take its whole time.
    """

    def end(number: int, _frame: object) -> NoReturn:
        leave(server_options, f"{signal.Signals(number).name} while supervisord starts: exit", 0)

    for number in _STOP_SIGNALS:
        signal.signal(number, end)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP_SIGNALS)  # see entrypoint_environment.py
    missed, _missed[:] = _missed[:], []
    for received in missed:
        if received in _STOP_SIGNALS:
            end(received, None)
    yield
    server_options.setsignals()
    for received in missed:
        os.kill(os.getpid(), received)


def keep_requests() -> None:
    """Let a stop or a reload that comes from now on wait for the next run of supervisord.

    Between two runs, supervisord's handlers belong to the run that has ended. The next run may be
    one without this plugin, so no signal is blocked.
    """
    for number in (*_STOP_SIGNALS, signal.SIGHUP):
        signal.signal(number, lambda number, _frame: _missed.append(number))
