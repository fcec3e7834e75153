"""Check that each HEMS_ variable in etc/supervisord.conf is a setting, and its health file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from dev.check import default_settings, read_source_files
from dev.check.supervisord_conf import FILE
from hems.errors import ConfigError
from hems.settings.load import load

TITLE = "supervisord: the variables that it sets are settings"
VARIABLE = re.compile(r'\b(HEMS_[A-Z_]+)="([^"]*)"')
HEALTH_FILE = "HEMS_TELEMETRY_HEALTH_FILE"
WRITTEN = re.compile(r"^health_file = (\S+)$", re.MULTILINE)


def problems(root: Path) -> Iterator[str]:
    """Yield each variable that no worker reads, and a health file that telemetry does not find."""
    default_settings.read(root)  # so that an error below comes from the variable
    text = read_source_files.text(root, FILE)
    variables = dict(VARIABLE.findall(text))
    for name in variables:
        try:
            load(root / default_settings.FILE, {name: "/"})
        except ConfigError as error:
            yield f"{FILE}: {str(error).splitlines()[-1].strip()}"
    written, read = WRITTEN.findall(text), variables.get(HEALTH_FILE)
    if written != [read]:
        names = ", ".join(written) or "none"
        yield f"{FILE}: health_file: found {names}, expected {HEALTH_FILE}'s {read}"
