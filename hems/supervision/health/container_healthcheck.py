"""The container's health check: fail when supervisord's heartbeat (hang_guard.py) is too old.

    python -I -S container_healthcheck.py FILE

Exits with 0, or with 1 and a line that says why. It runs twice a minute for years, so it is one
file with two small imports and runs without `site`: that takes 7 ms of a core.
"""

import sys
import time

MAX_AGE_S = 60.0  # supervisord beats every 5 s, and guard_sec ends one that hangs for 30 s


def problem(text: str, now: float) -> str:
    """Return the problem with a heartbeat file of this content, empty if there is none.

    `now` is in seconds of CLOCK_MONOTONIC.
    """
    try:
        age_s = now - float(text)
    except ValueError:
        return f"the heartbeat is {text!r}, expected monotonic seconds"
    return f"the last heartbeat is {age_s:.0f} s old" if age_s > MAX_AGE_S else ""


def check(path: str) -> str:
    """Return the problem with the heartbeat file at `path`, empty if there is none."""
    try:
        with open(path, encoding="ascii") as file:  # noqa: PTH123 - importing pathlib takes longer than the rest
            text = file.read()
    except OSError as error:
        return f"no heartbeat: {error}"
    return problem(text, time.monotonic())


if __name__ == "__main__":
    sys.exit(check(sys.argv[1]) or 0)
