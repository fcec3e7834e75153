"""Import packages in supervisord, so that their programs can be forked: see forked_program.py.

Most of a worker's memory and start-up time is the import of modules that other workers import too.
So supervisord imports PACKAGE.__main__ once and calls its preload(). A program with the command
`python -m PACKAGE …` is then forked and calls PACKAGE.__main__.main().

An import may start threads (fork_hazards.py), raise, exit, or hang (hang_guard.py). Then this
package's programs are executed. So are all from the moment on at which a file of an imported module
differs from what was imported: a fork would mix old code in memory with new code from the disk.
What else an import changes is undone (undo_import_effects.py).
"""

from __future__ import annotations

import gc
import importlib
import random
import traceback
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from weakref import WeakSet

from hems.supervision.processes import system_calls, undo_import_effects
from hems.supervision.processes.code_changes import LoadedCode
from hems.supervision.processes.fork_hazards import ThreadWatch, unseeded_generators
from hems.supervision.processes.forked_program import PreloadedProgram

INTERPRETERS = ("python", "python3")
Log = Callable[[str], None]


class PreloadedPackages:
    """The packages that supervisord has imported, with the main() of each."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._threads = ThreadWatch()
        self._generators: WeakSet[random.Random] = WeakSet()
        self._mains: dict[str, Callable[[], int]] = {}
        self._code: LoadedCode | None = None

    def load_all(
        self, names: Sequence[str], interrupting: Callable[[], AbstractContextManager[None]]
    ) -> None:
        """Import packages; `interrupting` ends what hangs. Log what fails: nothing is raised."""
        for name in names:
            try:
                with interrupting(), undo_import_effects.undone():
                    self.load(name)
            except BaseException as error:  # noqa: BLE001 - no worker's import may end supervisord
                self._log(
                    f"preload = {name}: {type(error).__name__}: {error} ({_place(error)}); "
                    "its programs are executed, not forked"
                )
        if starters := self._threads.started():
            self._mains.clear()
            self._log(
                f"preload: {starters} started a thread, whose locks a fork would keep; "
                "all programs are executed, not forked"
            )
        if self._mains:
            gc.collect()
            gc.freeze()  # a collection would write to the shared pages, and so copy them
            system_calls.return_free_heap()  # imports leave 1.5 MB, which each worker would inherit
            self._code = LoadedCode()

    def load(self, package: str) -> None:
        """Import one package. Raises whatever that raises."""
        with self._threads, unseeded_generators(self._generators):
            # Only import it: its first call overwrites what /proc/PID/environ shows of supervisord,
            # where bin/doctor finds the variables of a desk.
            importlib.import_module("setproctitle")
            module = importlib.import_module(f"{package}.__main__")
            module.preload()
        self._mains[package] = module.main

    def program(self, argv: Sequence[str]) -> PreloadedProgram | None:
        """Return what to call for this command, None if it needs an exec."""
        if len(argv) < 3 or argv[0] not in INTERPRETERS or argv[1] != "-m":
            return None
        main = self._mains.get(argv[2])
        return PreloadedProgram(main, self._generators) if main else None

    def compare_with_disk(self) -> None:
        """Forget all packages if the code on the disk has changed."""
        if self._mains and self._code and (path := self._code.changed()):
            self._mains.clear()
            self._log(
                f"preload: {path} has changed on the disk; until supervisord is restarted, "
                "programs are executed, not forked"
            )


def _place(error: BaseException) -> str:
    """Return the innermost line outside this library, which interrupts what hangs."""
    library = str(Path(__file__).parents[1])
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not frame.filename.startswith(library)] or frames
    return f"{own[-1].filename}:{own[-1].lineno}"
