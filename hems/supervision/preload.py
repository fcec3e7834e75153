"""Start `python -m PACKAGE` by a fork alone: the workers share one interpreter's memory.

Most of a worker's memory are modules that others import too, and importing them is most of its
start. supervisord imports PACKAGE.__main__ and calls its preload(); a program whose command is
`python -m PACKAGE …` is then forked from it, with the descriptors, user, directory and environment
that supervisord gives to any program, and calls PACKAGE.__main__.main() instead of being executed.
From outside it is what its command says.

What execve(2) and the interpreter's end do besides is done in `become`, or not at all:
- atexit functions do not run and threads are not waited for: main() cleans up before it returns;
- what is read before main(), such as PYTHON* and LD_*, counts in supervisord's environment only;
- a program can read what was in supervisord's memory, which is no more than any program's
  environment holds, but `environment =` takes nothing away from it;
- faulthandler's own timer hangs: its thread is supervisord's (guard.py);
- new code needs a restart of supervisord.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

import setproctitle

Main = Callable[[], int]
INTERPRETERS = ("python", "python3")


class Preload:
    """What was imported: one package, or none if `package` is empty."""

    def __init__(self, package: str = "") -> None:
        """Import `package`; raise whatever that raises."""
        self._package = package
        self._main: Main | None = None
        if package:
            module = importlib.import_module(f"{package}.__main__")
            module.preload()
            self._main = module.main
            gc.collect()
            gc.freeze()  # a collection would touch, and so copy, what is shared

    def main(self, argv: Sequence[str]) -> Main | None:
        """Return what to call for this command, None when it has to be executed."""
        is_ours = argv[0] in INTERPRETERS and list(argv[1:3]) == ["-m", self._package]
        return self._main if is_ours else None


def become(main: Main, argv: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    """Be the program `argv` from here on: the place of execve(2) in a child that was forked.

    Never returns and never unwinds: supervisord's objects on the stack hold numbers of
    descriptors that are the program's now.
    """
    signal.set_wakeup_fd(-1)  # its number is another descriptor's soon
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.update(environment)
    time.tzset()
    sys.argv = [f"{argv[2]}/__main__.py", *argv[3:]]
    # Fresh ones: supervisord's may hold text that it has not written yet.
    sys.stdout = open(1, "w", errors="surrogateescape", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", errors="backslashreplace", closefd=False, buffering=1)  # noqa: SIM115
    status = 1
    try:
        status = _run(main)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status)


def entitle(argv: Sequence[str]) -> None:
    """Show `argv` in the process list, and the program's name as the process's."""
    setproctitle.setproctitle(" ".join(argv))
    setproctitle.setthreadtitle(argv[-1])


def _run(main: Main) -> int:
    """Return the exit status, as the interpreter would tell it."""
    try:
        return main()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        sys.stderr.write(f"{end.code}\n")
        return 1
    except BaseException:  # noqa: BLE001 - as the interpreter does, at the outermost edge
        traceback.print_exc()
        return 1
