"""The container's health check: supervisord has beaten not long ago (guard.py).

    python -I -S heartbeat.py FILE

Ends with 0, or with 1 and a line that says why. It runs twice a minute for years: a file on its
own, without site and with two small imports, costs 7 ms of a core.
"""

import sys
import time

MAX_AGE_S = 60.0  # a beat is due every 5 s, and guard_sec ends a supervisord that hangs for 30 s


def trouble(text: str, now: float) -> str:
    """Return what is wrong with a heartbeat file that holds `text`, empty if nothing is.

    `now`: seconds of CLOCK_MONOTONIC.
    """
    try:
        age = now - float(text)
    except ValueError:
        return f"the heartbeat is {text!r}, expected monotonic seconds"
    return f"the last heartbeat is {age:.0f} s old" if age > MAX_AGE_S else ""


def check(path: str) -> str:
    """Return what is wrong with the heartbeat file at `path`, empty if nothing is."""
    try:
        with open(path, encoding="ascii") as file:  # noqa: PTH123 - pathlib costs more than all else
            text = file.read()
    except OSError as error:
        return f"no heartbeat: {error}"
    return trouble(text, time.monotonic())


if __name__ == "__main__":
    sys.exit(check(sys.argv[1]) or 0)
