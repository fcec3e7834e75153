"""Read the secrets that supervisord gives one worker as files: LoadCredential in its unit."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

VARIABLE = "CREDENTIALS_DIRECTORY"  # systemd.exec(5)


def with_credentials(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return the variables with a secret for each file; a file takes precedence over a variable.

    Without the folder of $CREDENTIALS_DIRECTORY, as on a desk, they are only the variables.
    """
    folder = Path(environ.get(VARIABLE, "") or "/nonexistent")
    if not folder.is_dir():
        return environ
    return {**environ, **{path.name: os.fsdecode(path.read_bytes()) for path in folder.iterdir()}}
