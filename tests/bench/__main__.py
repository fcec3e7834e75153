"""python -m tests.bench [NAME…]: measure and print one table."""

from __future__ import annotations

import argparse
import compileall
import importlib
import sys
from pathlib import Path

from tests.bench.table import markdown

PARTS = (
    "codec",
    "linky_readings",
    "answers",
    "supervision",
    "supervision_scale",
    "supervision_soak",
    "supervision_peers",
    "iptables_init",
    "floods",
    "desk",
)

PACKAGE = Path(__file__).parents[2] / "hems"


def main() -> int:
    """Run the named parts, or all, and print their rows as one table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("part", nargs="*", help=f"{', '.join(PARTS)} (default: all)")
    parts = parser.parse_args().part or PARTS
    if unknown := {*parts} - {*PARTS}:
        parser.error(f"found {', '.join(sorted(unknown))}, expected {', '.join(PARTS)}")
    compileall.compile_dir(PACKAGE, quiet=1)  # as in the image: a peer is compiled too
    rows = []
    for part in parts:
        print(f"measuring {part} …", file=sys.stderr, flush=True)
        rows += importlib.import_module(f"tests.bench.{part}").measure()
    print(markdown(rows))
    return 1 if any(row.is_met is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
