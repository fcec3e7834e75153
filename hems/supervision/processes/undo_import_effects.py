"""Keep what an import does to its process away from supervisord, and from what it starts.

An import may change the folder, the umask, the environment, the streams, or how signals are
handled. It may also fork, or call os._exit.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import NoReturn

from hems.supervision.processes.child_signals import HANDLED_SIGNALS

_SIGNALS = HANDLED_SIGNALS | {signal.SIGPIPE}  # the interpreter handles that one


@contextmanager
def undone() -> Iterator[None]:
    """Within `with`: os._exit raises SystemExit, and a child process ends with the block.

    Afterwards the process is as before.
    """
    with ExitStack() as restore:
        for kept in (_ends, _signals, _files, _environment):
            restore.callback(kept())
        yield


def _ends() -> Callable[[], None]:
    own, leave = os.getpid(), os._exit

    def exit_(status: int) -> NoReturn:
        if os.getpid() == own:
            raise SystemExit(status)
        leave(status)

    def restore() -> None:
        os._exit = leave
        if os.getpid() != own:
            leave(1)  # it would go on as a second supervisord

    os._exit = exit_
    return restore


def _signals() -> Callable[[], None]:
    handlers = {number: signal.getsignal(number) for number in _SIGNALS}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    wakeup = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(wakeup, warn_on_full_buffer=False)

    def restore() -> None:
        for number, handler in handlers.items():
            if signal.getsignal(number) is not handler:
                signal.signal(number, handler)
        signal.set_wakeup_fd(wakeup, warn_on_full_buffer=False)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    return restore


def _files() -> Callable[[], None]:
    streams = sys.stdin, sys.stdout, sys.stderr
    folder = os.open(".", os.O_PATH | os.O_CLOEXEC)
    umask = os.umask(0)
    os.umask(umask)

    def restore() -> None:
        sys.stdin, sys.stdout, sys.stderr = streams
        os.umask(umask)
        try:
            os.fchdir(folder)
        finally:
            os.close(folder)

    return restore


def _environment() -> Callable[[], None]:
    variables = dict(os.environ)

    def restore() -> None:
        if os.environ != variables:
            os.environ.clear()
            os.environ.update(variables)

    return restore
