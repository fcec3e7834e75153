"""Restart, call and reload one supervisord many times: what is left of that in its memory."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.bench.table import Row
from tests.integration.supervision.rig import rig_in
from tests.integration.supervision.soak import soak

COUNTS = {"restarts": 10_000, "calls": 5_000, "reloads": 20}
LIMIT_KB = 700


def measure() -> list[Row]:
    """Return a row for each phase; takes about two minutes."""
    with tempfile.TemporaryDirectory() as folder, rig_in(Path(folder)) as rig:
        kept = soak(rig, **COUNTS)
    return [
        Row(
            f"supervisord after {count} {phase}",
            f"{kept[phase].kilobytes:+} kB, {kept[phase].descriptors:+} descriptors",
            f"≤ {LIMIT_KB} kB, 0",
            kept[phase].kilobytes <= LIMIT_KB and kept[phase].descriptors <= 0,
        )
        for phase, count in COUNTS.items()
    ]
