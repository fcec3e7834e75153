"""Become a preloaded program in a forked child, in place of execve(2).

It has the descriptors, user, directory, environment and name in the process list that supervisord
gives to any program. `become` does what execve(2) and the exit of an interpreter would do, with
these differences:
- atexit functions do not run and nothing waits for threads: main() cleans up before it returns;
- sys.path, sys.flags, sys.orig_argv, sys.modules["__main__"] and the interpreter itself are
  supervisord's, and so are filters of warnings and the locale as far as an import has changed them;
- the folder, umask, environment, streams and common signal handlers that an import sets are not in
  force: main() sets them;
- a warning that the import has given is not given again;
- the program can read the memory of supervisord, including its environment: a variable that
  `environment =` overrides is still in there. PassEnvironment forces an exec, which avoids this;
  entrypoint_environment.py keeps secrets out of supervisord;
- numbers of numpy.random.default_rng() and other generators that an import has made are the same in
  all programs; those of `random`, numpy.random, `secrets`, `uuid` and `ssl` are not.

An interpreter and libc read some variables before main(). A program for which one of them differs
from what supervisord itself was executed with is executed: see READ_BEFORE_MAIN.
"""

from __future__ import annotations

import io
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn, TextIO
from weakref import WeakSet

from hems.supervision.processes import system_calls
from hems.supervision.processes.process_environment import matching

READ_BEFORE_MAIN = ("PYTHON*", "LANG", "LC_*", "LD_*", "MALLOC_*", "GLIBC_TUNABLES")


class PreloadedProgram(NamedTuple):
    """`main` returns the exit status; each process needs `generators` in a state of its own."""

    main: Callable[[], int]
    generators: WeakSet[random.Random]

    def become(self, argv: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
        """Become the program `argv`.

        Never return and never unwind the stack: supervisord's objects on it would close descriptors
        that now belong to the program.
        """
        signal.set_wakeup_fd(-1)  # another descriptor will have its number
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # as the interpreter does
        _change_environment(environment)
        time.tzset()
        system_calls.prctl(system_calls.PR_SET_DUMPABLE, 1)  # a change of user has cleared it
        _reseed(self.generators)
        sys.argv = [f"{argv[2]}/__main__.py", *argv[3:]]
        # New streams: those of supervisord may contain text that it has not written yet.
        sys.stdout, sys.stderr = _stream(1, sys.stdout), _stream(2, sys.stderr)
        status = 1
        try:
            status = _run(self.main)
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status)

    def has_same_start(self, environment: Mapping[str, str]) -> bool:
        """Return whether a new interpreter would start as supervisord's own did."""
        return _read_before_main(environment) == _STARTED_WITH

    def set_title(self, argv: Sequence[str], name: str) -> None:
        """Show `argv` as the command line in the process list, and `name` as the name."""
        import setproctitle  # noqa: PLC0415 - with `logging` it has 400 kB, for preload only

        setproctitle.setproctitle(" ".join(argv))
        setproctitle.setthreadtitle(name)


def _read_before_main(environment: Mapping[str, str]) -> dict[str, str]:
    return matching(environment, READ_BEFORE_MAIN)


def _environment_of_exec() -> dict[str, str]:
    """Return what the interpreter was executed with, which supervisord's settings do not change."""
    try:
        variables = os.fsdecode(Path("/proc/self/environ").read_bytes()).split("\0")
    except PermissionError:  # of a supervisord that has changed its user
        return dict(os.environ)
    environment = dict(variable.split("=", 1) for variable in variables if "=" in variable)
    return environment | coerced_locale(environment, os.environ)


def coerced_locale(executed: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """Return the LC_CTYPE that Python has set by itself, as it does in the C locale (PEP 538)."""
    locale = executed.get("LC_ALL") or executed.get("LC_CTYPE") or executed.get("LANG") or "C"
    coerced = now.get("LC_CTYPE")
    return {"LC_CTYPE": coerced} if coerced and locale in ("C", "POSIX") else {}


_STARTED_WITH = _read_before_main(_environment_of_exec())


def _change_environment(environment: Mapping[str, str]) -> None:
    """Change only what differs: a variable that is set copies pages shared with supervisord."""
    for name in os.environ.keys() - environment.keys():
        del os.environ[name]
    for name, value in environment.items():
        if os.environ.get(name) != value:
            os.environ[name] = value


def _stream(descriptor: int, like: TextIO) -> TextIO:
    """Return a stream as the interpreter makes it: as supervisord's own one."""
    is_unbuffered = isinstance(like, io.TextIOWrapper) and like.write_through
    binary = open(descriptor, "wb", buffering=0 if is_unbuffered else -1, closefd=False)  # noqa: SIM115
    return io.TextIOWrapper(
        binary,
        encoding=like.encoding,
        errors=like.errors,
        line_buffering=descriptor == 2 and not is_unbuffered,
        write_through=is_unbuffered,
    )


def _reseed(generators: Iterable[random.Random]) -> None:
    """Reseed the generators of random numbers; the module `random` does so itself at a fork."""
    for generator in generators:
        generator.seed()
    if numpy := sys.modules.get("numpy.random"):
        numpy.seed()


def _run(main: Callable[[], int]) -> int:
    """Call `main` and return the exit status that the interpreter would return."""
    try:
        return main()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        sys.stderr.write(f"{end.code}\n")
        return 1
    except BaseException:  # noqa: BLE001 - as the interpreter does, at the very end
        traceback.print_exc()
        return 1
