"""Extend tox: repeat at the end which tests failed or ran again, and end the tests with tox.

Environments that run side by side print their output one after the other, and what failed may be
far above the end. tox finds this file by its name.
"""

from __future__ import annotations

import atexit
import re
import signal
from types import FrameType

import psutil
from tox.execute.api import Outcome
from tox.plugin import impl
from tox.tox_env.api import ToxEnv

COLOUR = re.compile(r"\x1b\[[\d;]*m")
FAILED, RAN_AGAIN = ("FAILED ", "ERROR "), "RERUN "  # of pytest, one line for each test
repeated: list[str] = []


@impl
def tox_after_run_commands(tox_env: ToxEnv, exit_code: int, outcomes: list[Outcome]) -> None:
    """Remember which tests of an environment have failed, also those that passed when run again."""
    text = COLOUR.sub("", "\n".join(outcome.out for outcome in outcomes))
    words = (*FAILED, RAN_AGAIN) if exit_code else RAN_AGAIN
    lines = [line for line in text.splitlines() if line.startswith(words)]
    repeated.extend(f"{tox_env.conf.name}: {line}" for line in lines)


def repeat() -> None:
    print("\n".join(repeated), end="\n" if repeated else "", flush=True)  # noqa: T201 - for people


def interrupt(_signal: int, _frame: FrameType | None) -> None:
    """Do what Ctrl-C does at a terminal: interrupt the tests, then tox, which waits for them."""
    for child in psutil.Process().children():
        child.send_signal(signal.SIGINT)
    raise KeyboardInterrupt


atexit.register(repeat)
signal.signal(signal.SIGTERM, interrupt)
