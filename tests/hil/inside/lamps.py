"""Watch GPIO lines until their lamps do what is awaited, and print what they did last.

    python -m tests.hil.inside.lamps LIMIT_S LINE=WHAT...

WHAT is `on`, `off`, or `N blinks` between two pauses (`2 4 blinks` where groups differ). A group
of blinks counts when it was seen from pause to pause.
"""

import sys
import time
from itertools import pairwise
from pathlib import Path

SAMPLE_S, PAUSE_S = 0.01, 0.7
WINDOW_S = 3.7  # whenever it begins, a double blink is seen in it from pause to pause

Samples = list[tuple[float, bool]]


def main() -> None:
    """Watch, again and again, and print a line for each lamp."""
    limit_s, *pairs = sys.argv[1:]
    awaited = dict(pair.split("=") for pair in pairs)
    end = time.monotonic() + float(limit_s)
    while (seen := watch(list(awaited))) != awaited and time.monotonic() < end:
        pass
    for line, what in seen.items():
        print(f"{line}={what}")


def watch(lines: list[str]) -> dict[str, str]:
    """Look at `lines` for a while and return what their lamps did."""
    paths = {line: value_path(line) for line in lines}
    samples: dict[str, Samples] = {line: [] for line in lines}
    end = time.monotonic() + WINDOW_S
    while (now := time.monotonic()) < end:
        for line, path in paths.items():
            samples[line].append((now, path.read_text().strip() == "1"))
        time.sleep(SAMPLE_S)
    return {line: description(one) for line, one in samples.items()}


def value_path(line: str) -> Path:
    """Return where gpio-sim shows the value that a process drives `line` to."""
    (chip,) = Path("/sys/devices/platform").glob("gpio-sim.*/gpiochip*")
    return chip / f"sim_gpio{line}" / "value"


def description(samples: Samples) -> str:
    """Return what a lamp did, given when it was looked at (s) and whether it was lit."""
    if len({is_lit for _, is_lit in samples}) == 1:
        return "on" if samples[0][1] else "off"
    rises = [now for (_, before), (now, after) in pairwise(samples) if after and not before]
    groups = [[samples[0][0]]]  # the first and the last hold the ends of the time of watching
    for now in [*rises, samples[-1][0]]:
        if now - groups[-1][-1] > PAUSE_S:
            groups.append([])
        groups[-1].append(now)
    counts = {len(group) for group in groups[1:-1]}
    return " ".join([*map(str, sorted(counts)), "blinks"])


if __name__ == "__main__":
    main()
