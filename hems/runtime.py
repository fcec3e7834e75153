"""The frame every worker runs in: time, stop signal, readiness, exit code."""

from __future__ import annotations

import asyncio
import select
import signal
import socket
from collections.abc import Coroutine, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from loguru import logger

from hems.errors import HemsError

CRASHED = 70  # EX_SOFTWARE of sysexits.h


class Clock(Protocol):
    def monotonic(self) -> float:
        """Return seconds that only ever grow; the base of every decision."""

    def time(self) -> float:
        """Return seconds since 1970 (UTC): for people and protocols, never for a decision."""

    def is_synchronised(self) -> bool:
        """Tell whether a trusted source keeps `time` now; raise Unavailable if that is unknown."""


class Stop(Protocol):
    """The request to end. Waiting for it is the only way a worker sleeps."""

    def wait(self, timeout: float) -> bool: ...
    def fileno(self) -> int: ...


class Notifier(Protocol):
    """What a worker tells the supervisor (sd_notify)."""

    def ready(self) -> None: ...
    def alive(self) -> None: ...
    def stopping(self) -> None: ...
    def status(self, line: str) -> None: ...
    def state(self, figures: Mapping[str, object]) -> None: ...


@dataclass(frozen=True)
class Context:
    clock: Clock
    stop: Stop
    notify: Notifier


class Worker(Protocol):
    name: str

    def run(self, ctx: Context) -> None: ...


class Step(Protocol):
    """One thing a worker looks at in each of its rounds, and repairs."""

    @property
    def name(self) -> str: ...

    def step(self, now: float) -> None:
        """Look at monotonic `now` (s), and repair if it is time to. Raises HemsError."""


@dataclass
class Guarded:
    """A step in its own catch; its errors are logged when they begin, change and end."""

    inner: Step
    trouble: str = ""
    is_taken: bool = False  # once at least

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def is_done(self) -> bool:
        """Tell whether it was taken, and without an error the last time."""
        return self.is_taken and not self.trouble

    def step(self, now: float) -> None:
        """Take the step. A bug still ends the worker."""
        trouble = ""
        try:
            self.inner.step(now)
        except HemsError as error:
            trouble = str(error)
        if trouble and trouble != self.trouble:
            logger.warning("{}: {}; trying again", self.name, trouble)
        elif self.trouble and not trouble:
            logger.info("{}: works again", self.name)
        self.trouble, self.is_taken = trouble, True


class SignalStop:
    """Set by SIGTERM or SIGINT.

    A byte on a socket pair, not a threading.Event: Event.set() takes a lock that
    the interrupted main thread may already hold inside Event.wait().
    """

    def __init__(self) -> None:
        self._read, self._write = socket.socketpair()
        self._write.setblocking(False)
        signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)

    def fileno(self) -> int:
        return self._read.fileno()

    def wait(self, timeout: float) -> bool:
        return bool(select.select([self._read], [], [], timeout)[0])


def every(seconds: float, ctx: Context) -> Iterator[None]:
    """Yield now and then once per period; report alive after each completed body.

    A body that overruns costs the periods it covered: no burst to catch up.
    """
    due = ctx.clock.monotonic()
    while not ctx.stop.wait(max(0.0, due - ctx.clock.monotonic())):
        yield
        ctx.notify.alive()
        now = ctx.clock.monotonic()
        due += seconds * max(1, -(-(now - due) // seconds))


async def stop_requested(stop: Stop) -> None:
    """Return once `stop` is set: the asyncio counterpart of `Stop.wait`."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    loop.add_reader(stop.fileno(), stopped.set)
    try:
        await stopped.wait()
    finally:
        loop.remove_reader(stop.fileno())


async def together(ctx: Context, *jobs: Coroutine[object, object, None]) -> None:
    """Run `jobs` until told to stop, then cancel them; ready once all of them have been begun.

    What one of them raises ends the others, and is raised in an ExceptionGroup.
    """
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(job) for job in jobs]
        ctx.notify.ready()
        await stop_requested(ctx.stop)
        ctx.notify.stopping()
        logger.info("stopping")
        for task in running:
            task.cancel()


def run(worker: Worker, ctx: Context) -> int:
    """Run to the end and return the process's exit code."""
    try:
        worker.run(ctx)
    except HemsError as error:
        logger.error("{}", error)
        ctx.notify.status(str(error))
        return error.exit_code
    except Exception:  # noqa: BLE001 - the one place that turns a bug into an exit code
        logger.exception("crashed")
        return CRASHED
    finally:
        ctx.notify.stopping()
    return 0
