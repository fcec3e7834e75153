"""What etc/supervisord.conf tells every worker by variables is a setting, and what it writes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from hems.desk.check import settings, supervisord, tree
from hems.errors import ConfigError
from hems.settings.load import load

GIVEN = re.compile(r'\b(HEMS_[A-Z_]+)="([^"]*)"')
HEALTH = "HEMS_TELEMETRY_HEALTH_FILE"
WRITTEN = re.compile(r"^health_file = (\S+)$", re.MULTILINE)


def problems(root: Path) -> Iterator[str]:
    """Yield each variable that no worker reads, and a health file that telemetry would not find."""
    settings.read(root)  # so that what is wrong below is the variable
    text = tree.text(root, supervisord.FILE)
    given = dict(GIVEN.findall(text))
    for name in given:
        try:
            load(root / settings.FILE, {name: "/"})
        except ConfigError as error:
            yield f"{supervisord.FILE}: {str(error).splitlines()[-1].strip()}"
    if WRITTEN.findall(text) != [given.get(HEALTH)]:
        found, expected = ", ".join(WRITTEN.findall(text)) or "none", given.get(HEALTH)
        yield f"{supervisord.FILE}: health_file: found {found}, expected {HEALTH}'s {expected}"
