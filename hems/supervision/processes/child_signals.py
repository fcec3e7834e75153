"""The signals of a child process: blocked until it is ready, and reset for its program."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

HANDLED_SIGNALS = frozenset(  # by supervisord and the timer
    {
        signal.SIGTERM,
        signal.SIGINT,
        signal.SIGQUIT,
        signal.SIGHUP,
        signal.SIGCHLD,
        signal.SIGUSR2,
        signal.SIGALRM,
    }
)
# SIGPIPE stays ignored, as with IgnoreSIGPIPE= of systemd.exec(5), whose default is yes.
_KEPT = frozenset({signal.SIGKILL, signal.SIGSTOP, signal.SIGPIPE})


@contextmanager
def late_signals() -> Iterator[None]:
    """Let a stop that comes before the child is ready reach its program.

    SIGALRM stays open for the hang guard; a child has no timer.
    """
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED_SIGNALS - {signal.SIGALRM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def reset() -> None:
    """Ignore and block no signal, as systemd does: a program would inherit that."""
    for number in signal.valid_signals() - _KEPT:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
