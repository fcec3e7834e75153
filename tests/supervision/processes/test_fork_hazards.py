"""Whose code has started a thread, and which generators of random numbers have no seed."""

import importlib
import os
import random
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from weakref import WeakSet

import pytest
from pytest_mock import MockerFixture

from hems.supervision.processes.fork_hazards import ThreadWatch, unseeded_generators

STARTING = """
import threading
STOP = threading.Event()
THREAD = threading.Thread(target=STOP.wait)
THREAD.start()
"""


def _until_ended(thread: threading.Thread) -> None:
    """Wait until the kernel has ended the thread: join() returns shortly before that."""
    thread.join()
    until = time.monotonic() + 30
    while Path(f"/proc/self/task/{thread.native_id}").exists() and time.monotonic() < until:
        os.sched_yield()


@pytest.fixture
def package(tmp_path: Path, mocker: MockerFixture) -> Iterator[Path]:
    """Return the folder of a package `watched`, which is forgotten afterwards."""
    mocker.patch.object(sys, "path", [str(tmp_path), *sys.path])
    (tmp_path / "watched").mkdir()
    (tmp_path / "watched/__init__.py").write_text("from watched import inner, quiet")
    (tmp_path / "watched/inner.py").write_text(STARTING)
    (tmp_path / "watched/quiet.py").touch()
    yield tmp_path / "watched"
    for name in [name for name in sys.modules if name.partition(".")[0] == "watched"]:
        del sys.modules[name]


@pytest.mark.usefixtures("package")
def test_the_module_that_starts_a_thread_is_named_while_the_thread_runs() -> None:
    watch = ThreadWatch()
    with watch:
        inner = importlib.import_module("watched").inner
    assert watch.started() == "watched.inner"
    inner.STOP.set()
    _until_ended(inner.THREAD)
    assert watch.started() == ""


def test_an_import_that_fails_after_it_has_started_a_thread_is_named_too(package: Path) -> None:
    (package / "inner.py").write_text(f"{STARTING}\nimport sys\nsys.started = STOP\n1 / 0")
    watch = ThreadWatch()
    with pytest.raises(ZeroDivisionError), watch:
        importlib.import_module("watched")
    assert watch.started() == "watched.inner"
    sys.started.set()  # type: ignore[attr-defined]
    del sys.started  # type: ignore[attr-defined]


def test_what_preload_itself_starts_is_named() -> None:
    namespace: dict[str, object] = {}
    watch = ThreadWatch()
    with watch:
        exec(STARTING, namespace)
    assert watch.started() == "preload()"
    namespace["STOP"].set()  # type: ignore[attr-defined]
    namespace["THREAD"].join()  # type: ignore[attr-defined]


@pytest.mark.usefixtures("package")
def test_afterwards_imports_are_as_before() -> None:
    before = list(sys.meta_path)
    with ThreadWatch():
        module = importlib.import_module("watched.quiet")
    assert sys.meta_path == before
    assert "exec_module" not in vars(module.__loader__)
    sys.modules["watched"].inner.STOP.set()


def test_generators_without_a_seed_are_found() -> None:
    generators: WeakSet[random.Random] = WeakSet()
    before = random.Random.seed
    with unseeded_generators(generators):
        drawn, _seeded, seeded_later = random.Random(), random.Random(1), random.Random()
        seeded_later.seed(2)
    random.Random().seed()
    assert set(generators) == {drawn}
    assert random.Random.seed is before
