"""Watch what an import leaves behind that a fork must not copy: threads and random numbers."""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import (
    ExtensionFileLoader,
    ModuleSpec,
    SourceFileLoader,
    SourcelessFileLoader,
)
from types import ModuleType
from typing import Any
from weakref import WeakSet

ENDING_S = 0.1  # join() returns shortly before the kernel has ended the thread
# Each module has a loader of its own, whose method can be replaced.
_LOADERS = (SourceFileLoader, SourcelessFileLoader, ExtensionFileLoader)


class ThreadWatch(MetaPathFinder):
    """Within `with`: find the module whose code starts a thread, in Python or in C."""

    def __init__(self) -> None:
        self._before = _threads()
        self._starters: dict[str, str] = {}  # thread and module

    def __enter__(self) -> None:
        sys.meta_path.insert(0, self)

    def __exit__(self, *_: object) -> None:
        sys.meta_path.remove(self)
        self._look("preload()")

    def started(self) -> str:
        """Return who started the threads that still run, empty if there are none."""
        deadline = time.monotonic() + ENDING_S
        while (alive := self._starters.keys() & _threads()) and time.monotonic() < deadline:
            os.sched_yield()
        return ", ".join(
            dict.fromkeys(name for thread, name in self._starters.items() if thread in alive)
        )

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Return what the other finders find, with a loader that looks for threads afterwards."""
        for finder in sys.meta_path:
            if finder is not self and (spec := finder.find_spec(name, path, target)):
                if type(spec.loader) in _LOADERS:
                    self._wrap(spec.loader, name)
                return spec
        return None

    def _wrap(self, loader: Any, name: str) -> None:
        execute = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            del loader.exec_module
            try:
                execute(module)
            finally:
                self._look(name)

        loader.exec_module = exec_module

    def _look(self, module: str) -> None:
        for thread in _threads() - self._before:
            self._starters.setdefault(thread, module)


@contextmanager
def unseeded_generators(generators: WeakSet[random.Random]) -> Iterator[None]:
    """Add the random.Random instances that take their seed from the system to `generators`.

    One with a seed of its own has the same numbers in each process, forked or executed.
    """
    seed = random.Random.seed

    def watched(generator: random.Random, a: Any = None, version: int = 2) -> None:
        generators.discard(generator)
        if a is None:
            generators.add(generator)
        seed(generator, a, version)

    random.Random.seed = watched  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        random.Random.seed = seed  # type: ignore[method-assign]


def _threads() -> set[str]:
    return set(os.listdir("/proc/self/task"))  # noqa: PTH208 - after each import
