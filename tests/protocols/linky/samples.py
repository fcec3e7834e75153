"""Payloads as the D2L sends them, with made-up values: tests/data/linky_samples.json."""

import json
from pathlib import Path

SAMPLES: dict[str, dict[str, str]] = json.loads(
    (Path(__file__).parents[2] / "data" / "linky_samples.json").read_text()
)
DEVICE = 11601000001
SINGLE = SAMPLES["standard_single_phase"]
THREE = SAMPLES["standard_three_phases"]
HISTORIQUE = SAMPLES["historique_single_phase"]
TEMPO = SAMPLES["historique_three_phases"]
MINIMAL = SAMPLES["historique_minimal"]


def payload(fields: dict[str, str], **changes: str) -> bytes:
    """Return the JSON text of `fields` with `changes`, spaced the way the D2L does it."""
    pairs = (f"{json.dumps(key)}:{json.dumps(value)}" for key, value in (fields | changes).items())
    return f"{{ {', '.join(pairs)} }}".encode()
