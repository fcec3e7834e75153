"""Run programs: the only file that starts a process.

Commands are lists of arguments; there is no shell. The module imports the standard library only,
because bin/up uses it before anything is installed.
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
KILLED_S = 2.0  # for the kernel to end a process after SIGKILL
STDERR = 2  # unistd.h
PR_SET_PDEATHSIG = 1  # prctl(2)


def run(
    argv: Sequence[str],
    timeout_s: float,
    *,
    input_text: str = "",
    keep_open: Sequence[int] = (),
    folder: Path | None = None,
) -> str:
    """Run `argv` to its end and return its standard output.

    `input_text`: the command's standard input, empty by default.
    `keep_open`: descriptors that the command inherits, such as a lock that must outlive us.
    `folder`: the command's working directory, ours by default.
    Raises Unavailable, with the command's last lines, when it cannot be started, fails
    or takes longer than `timeout_s`; then everything it started is killed.
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
            cwd=folder,
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
    """Replace this process by `argv`, which keeps its pid, terminal and environment.

    Raises Unavailable when it cannot be started.
    """
    try:
        os.execvp(argv[0], list(argv))  # noqa: S606 - no shell is the point
    except OSError as error:
        raise Unavailable(f"{argv[0]} cannot be started: {error.strerror}") from error


class ProgramSession:
    """A program that runs until `end`, and all it starts, in a session of its own.

    The terminal's Ctrl-C does not reach it. The kernel sends it SIGTERM when this process ends,
    for whatever reason.
    """

    def __init__(
        self, argv: Sequence[str], environ: Mapping[str, str], output: Path | None
    ) -> None:
        """Start `argv` and append what it prints to `output`, or to our own stderr if that is None.

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
        """Return the exit code, -N after signal N; None while the program runs."""
        return self._child.poll()

    def end(self, grace_s: float) -> None:
        """Send SIGTERM to the program, and after `grace_s` SIGKILL to the rest of its session.

        Takes up to KILLED_S longer.
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
    """Collect the exit codes of orphans, as the first process of a container must.

    Call it only while no child of our own runs: it would take its exit code, too.
    """
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def members(session: int) -> list[int]:
    """Return the pids of the running processes of a session; zombies do not count."""
    import psutil  # noqa: PLC0415 - bin/up imports this module before anything is installed

    pids = []
    for process in psutil.process_iter():
        with contextlib.suppress(ProcessLookupError, psutil.NoSuchProcess):  # ended meanwhile
            is_member = os.getsid(process.pid) == session
            if is_member and process.status() != psutil.STATUS_ZOMBIE:
                pids.append(process.pid)
    return pids
