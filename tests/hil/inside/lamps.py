"""Watch GPIO lines until their lamps do what is awaited, and print what they did last.

    python -m tests.hil.inside.lamps LIMIT_S LINE=WHAT...    prints LINE=WHAT, a line each

WHAT is `on`, `off`, or `N blinks` between two pauses (`2 4 blinks` where groups differ). A group
of blinks counts when it was seen from pause to pause.
"""

import sys
import time
from itertools import pairwise
from pathlib import Path

CHIP = Path("/sys/devices/platform/gpio-sim.0/gpiochip0")
SAMPLE_S, PAUSE_S = 0.02, 0.7
WINDOW_S = 3.7  # whenever it begins, a double blink is seen in it from pause to pause

Samples = list[tuple[float, bool]]


def main() -> None:
    """Watch, and print a line for each lamp."""
    limit_s, *pairs = sys.argv[1:]
    awaited = dict(pair.split("=") for pair in pairs)
    for line, what in watch(awaited, float(limit_s)).items():
        print(f"{line}={what}")


def watch(awaited: dict[str, str], limit_s: float) -> dict[str, str]:
    """Return what the lamps do: what is awaited, or whatever it is after `limit_s`."""
    samples: dict[str, Samples] = {line: [] for line in awaited}
    seen: dict[str, str] = {}
    begun = now = time.monotonic()
    while seen != awaited and now - begun < limit_s:
        time.sleep(SAMPLE_S)
        now = time.monotonic()
        for line, earlier in samples.items():
            recent = [sample for sample in earlier if sample[0] > now - WINDOW_S]
            samples[line] = [*recent, (now, is_lit(line))]
        if now - begun > WINDOW_S:
            seen = {line: description(one) for line, one in samples.items()}
    return seen


def is_lit(line: str) -> bool:
    """Return the value that gpio-sim says a process drives `line` to."""
    return (CHIP / f"sim_gpio{line}" / "value").read_text().strip() == "1"


def description(samples: Samples) -> str:
    """Return what a lamp did, from times (s) and whether it was lit then."""
    if len({lit for _, lit in samples}) == 1:
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
