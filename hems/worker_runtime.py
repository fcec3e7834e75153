"""The loop that every worker runs in: time, stop signal, readiness, exit status."""

from __future__ import annotations

import asyncio
import select
import signal
import socket
from collections.abc import Coroutine, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from loguru import logger

from hems.errors import HemsError
from hems.supervision.worker.problem import ReportedProblem
from hems.worker_outage_log import Outage

CRASHED = 70  # EX_SOFTWARE of sysexits.h


class Clock(Protocol):
    def monotonic(self) -> float:
        """Return seconds that never decrease. Every decision uses them."""

    def time(self) -> float:
        """Return seconds since 1970 (UTC). They are for people and protocols, not for decisions."""

    def is_synchronised(self) -> bool:
        """Return whether a trusted source sets `time`. Raises Unavailable if that is unknown."""


class Stop(Protocol):
    """The request to stop. A worker sleeps only by waiting for it."""

    def wait(self, timeout: float) -> bool: ...
    def fileno(self) -> int: ...


class Notifier(Protocol):
    """What a worker reports to the supervisor (sd_notify)."""

    def ready(self) -> None: ...
    def alive(self) -> None: ...
    def stopping(self) -> None: ...
    def status(self, line: str) -> None: ...
    def metrics(self, values: Mapping[str, object]) -> None: ...
    def problems(self, current: Iterable[ReportedProblem]) -> None: ...


@dataclass(frozen=True)
class Context:
    clock: Clock
    stop: Stop
    notify: Notifier


class Worker(Protocol):
    name: str

    def run(self, ctx: Context) -> None: ...


class Step(Protocol):
    """One thing that a worker checks, and repairs, in each of its rounds."""

    @property
    def name(self) -> str: ...

    def step(self, now: float) -> None:
        """Check at monotonic `now` (s), and repair if it is time to. Raises HemsError."""


class GuardedStep:
    """A step whose errors are logged, once for each change, and do not end the worker."""

    def __init__(self, inner: Step) -> None:
        self._inner = inner
        self._outage = Outage(inner.name)
        self._is_taken = False  # at least once

    @property
    def name(self) -> str:
        return self._inner.name

    @property
    def trouble(self) -> str:
        """Return the error of the last step, empty if there was none."""
        return self._outage.reason

    @property
    def is_done(self) -> bool:
        """Return whether the step was taken, without an error the last time."""
        return self._is_taken and not self.trouble

    def step(self, now: float) -> None:
        """Take the step. An unexpected exception still ends the worker."""
        try:
            self._inner.step(now)
        except HemsError as error:
            self._outage.begin(str(error), now)
        else:
            self._outage.end(now)
        self._is_taken = True


class SignalStop:
    """Set by SIGTERM or SIGINT.

    It is a byte on a socket pair, not a threading.Event: Event.set() takes a lock that the
    interrupted main thread may already hold in Event.wait().
    """

    def __init__(self) -> None:
        self._read, self._write = socket.socketpair()
        self._write.setblocking(False)
        signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        # A program that entrypoint_environment has started begins with them blocked.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM, signal.SIGINT))

    def fileno(self) -> int:
        return self._read.fileno()

    def wait(self, timeout: float) -> bool:
        return bool(select.select([self._read], [], [], timeout)[0])


def every(seconds: float, ctx: Context) -> Iterator[None]:
    """Yield at once and then every `seconds`; report alive after each completed round.

    A round that takes longer skips the periods that it covers: there is no burst to catch up.
    """
    due = ctx.clock.monotonic()
    while not ctx.stop.wait(max(0.0, due - ctx.clock.monotonic())):
        yield
        ctx.notify.alive()
        now = ctx.clock.monotonic()
        due += seconds * max(1, -(-(now - due) // seconds))


async def stop_requested(stop: Stop) -> None:
    """Return when `stop` is set: the counterpart of `Stop.wait` for asyncio."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    loop.add_reader(stop.fileno(), stopped.set)
    try:
        await stopped.wait()
    finally:
        loop.remove_reader(stop.fileno())


async def run_until_stopped(ctx: Context, *jobs: Coroutine[object, object, None]) -> None:
    """Run `jobs` until a stop is requested, then end them. Report ready when all have begun.

    The last one is cancelled first, and has ended before the next: a job may pass something on to
    those before it. An exception in one of them ends the others; it is raised in an ExceptionGroup.
    """
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(job) for job in jobs]
        ctx.notify.ready()
        await stop_requested(ctx.stop)
        ctx.notify.stopping()
        logger.info("stopping")
        for task in reversed(running):
            task.cancel()
            await asyncio.wait([task])


def run(worker: Worker, ctx: Context) -> int:
    """Run the worker to its end and return the exit status of the process."""
    try:
        worker.run(ctx)
    except HemsError as error:
        logger.error("{}", error)
        ctx.notify.status(str(error))
        return error.exit_code
    except Exception:  # noqa: BLE001 - the one place that turns a bug into an exit status
        logger.exception("crashed")
        return CRASHED
    finally:
        ctx.notify.stopping()
    return 0
