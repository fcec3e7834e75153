"""A worker with descendants of every kind, which write their pids to the file of argument 1.

Argument 2 names the kinds, separated by commas; argument 3 is "stay", or an exit status.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

FILE = Path(sys.argv[1])
Action = Callable[[], object]


def sleep() -> None:
    with FILE.open("a") as file:
        file.write(f"{os.getpid()}\n")
    time.sleep(60)
    os._exit(0)


def fork(*actions: Action) -> None:
    if not os.fork():
        for action in actions:
            action()
        os._exit(0)


def deaf() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def polite() -> None:
    def leave(*_: object) -> None:
        with FILE.with_suffix(".left").open("a") as file:
            file.write(f"{os.getpid()}\n")
        os._exit(0)

    signal.signal(signal.SIGTERM, leave)


def bare() -> None:
    """Execute a program with no environment at all."""
    os.execve(sys.executable, [sys.executable, "-ISc", f"{SLEEP}"], {})


SLEEP = f"import os, time; open({str(FILE)!r}, 'a').write(f'{{os.getpid()}}\\n'); time.sleep(60)"


def chain() -> None:
    """Fork for ever: each process ends as soon as it has a child."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if os.fork():
            os._exit(0)


KINDS: dict[str, Sequence[Action]] = {
    "child": (sleep,),
    "group": (lambda: os.setpgid(0, 0), sleep),
    "session": (os.setsid, sleep),
    "daemon": (os.setsid, lambda: fork(sleep)),
    "deaf": (deaf, os.setsid, sleep),
    "polite": (polite, sleep),
    "bare": (bare,),
    "bare-session": (os.setsid, bare),
    "bare-daemon": (os.setsid, lambda: fork(bare)),
    "chain": (os.setsid, chain),
}


def main() -> int:
    for kind in sys.argv[2].split(","):
        fork(*KINDS[kind])
    if sys.argv[3] == "stay":
        time.sleep(60)
    expected = sum(kind != "chain" for kind in sys.argv[2].split(","))
    while not FILE.exists() or len(FILE.read_text().splitlines()) < expected:
        time.sleep(0.005)
    return int(sys.argv[3])


if __name__ == "__main__":
    status = main()
    FILE.rename(FILE.with_suffix(f".{os.getpid()}"))
    os._exit(status)
