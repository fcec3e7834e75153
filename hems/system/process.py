"""Programs this machine runs for us: the only file that starts a process.

Commands are lists of arguments; there is no shell. Standard library only, because
the desk calls it before anything is installed.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from hems.errors import Unavailable

LAST_LINES = 12
KILLED_S = 2.0  # for the kernel to end what got SIGKILL
STDERR = 2  # unistd.h
PR_SET_PDEATHSIG = 1  # prctl(2)


def run(
    argv: Sequence[str],
    timeout_s: float,
    *,
    input_text: str = "",
    keep_open: Sequence[int] = (),
) -> str:
    """Run `argv` to its end and return its standard output.

    `input_text`: what it reads from its standard input, nothing by default.
    `keep_open`: descriptors the command inherits, such as a lock that must outlive us.
    Raises Unavailable, with the command's last lines, when it cannot be started, fails
    or takes longer than `timeout_s`; everything it started is killed then.
    """
    try:
        child = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
            pass_fds=keep_open,
        )
    except OSError as error:
        raise Unavailable(f"{argv[0]} cannot be started: {error.strerror}") from error
    with child:
        output, errors = _outcome(child, argv, input_text, timeout_s)
    if child.returncode:
        why = last_lines(errors.strip() or output)
        raise Unavailable(f"`{' '.join(argv)}` ended with {child.returncode}:\n{why}")
    return output


def _outcome(
    child: subprocess.Popen[str], argv: Sequence[str], input_text: str, timeout_s: float
) -> tuple[str, str]:
    try:
        return child.communicate(input_text, timeout=timeout_s)
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"`{' '.join(argv)}` took longer than {timeout_s:g} s") from error
    finally:
        if child.poll() is None:  # too slow, or Ctrl-C: its session is not the terminal's
            os.killpg(child.pid, signal.SIGKILL)


def last_lines(text: str, count: int = LAST_LINES) -> str:
    """Return the last `count` lines of `text` that are not blank, indented."""
    lines = [line for line in text.splitlines() if line.strip()]
    return "\n".join(f"  {line}" for line in lines[-count:])


def replace(argv: Sequence[str]) -> NoReturn:
    """Go on as `argv` with this process's pid, terminal and environment.

    Raises Unavailable when it cannot be started.
    """
    try:
        os.execvp(argv[0], list(argv))  # noqa: S606 - no shell is the point
    except OSError as error:
        raise Unavailable(f"{argv[0]} cannot be started: {error.strerror}") from error


class Session:
    """A program that runs until told to end, and all it starts, in a session of its own.

    The terminal's Ctrl-C does not reach it. It gets SIGTERM when this process ends,
    however that happens.
    """

    def __init__(
        self, argv: Sequence[str], environ: Mapping[str, str], output: Path | None
    ) -> None:
        """Start `argv`; what it prints is appended to `output`, our own stderr if that is None.

        Raises Unavailable when it cannot be started.
        """
        prctl = ctypes.CDLL(None).prctl
        try:
            with contextlib.ExitStack() as stack:
                log = stack.enter_context(output.open("ab")) if output else STDERR
                self._child = subprocess.Popen(
                    argv,
                    env=environ,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    preexec_fn=lambda: prctl(PR_SET_PDEATHSIG, signal.SIGTERM),  # noqa: PLW1509 - no threads yet
                )
        except OSError as error:
            raise Unavailable(f"{argv[0]} cannot be started: {error.strerror}") from error
        self.pid = self._child.pid

    def exit_code(self) -> int | None:
        """Return how the program ended, None while it runs; -N after signal N."""
        return self._child.poll()

    def end(self, grace_s: float) -> None:
        """End it with SIGTERM, and with SIGKILL whatever of its session is left `grace_s` later.

        Takes KILLED_S more at the most.
        """
        self._child.terminate()
        try:
            self._child.wait(grace_s)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        for pid in members(self.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + KILLED_S
        while members(self.pid) and time.monotonic() < deadline:
            time.sleep(0.01)  # orphans are reaped by init, not by us


def reap_orphans() -> None:
    """Take the exit codes that nobody waits for, as the first process of a container must.

    Only while no child of our own runs: it would take its exit code too.
    """
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def members(session: int) -> list[int]:
    """Return the pids of the session's processes that still run (proc(5), /proc/PID/stat)."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        state, sid = fields[0], int(fields[3])
        if sid == session and state != "Z":
            found.append(int(stat.parent.name))
    return found
