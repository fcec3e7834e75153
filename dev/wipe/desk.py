"""Wipe the desk: remove the folder that bin/up runs in."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from dev.launcher import run_folder
from hems.errors import ConfigError, Unavailable

LOCK = "lock"  # dev/launcher/run_folder.py makes it first


def wipe(run_dir: Path, ask: Callable[[str], str]) -> list[str]:
    """Remove the folder; return the lines that tell so.

    Raises ConfigError if it is no desk's folder, or the answer is not its name, Unavailable while
    a desk runs there, or if something stays.
    """
    path = run_dir.resolve()
    if not (path / LOCK).is_file():
        raise ConfigError(f"{path} is no folder of a desk: found no file {LOCK} in it")
    with run_folder.claimed(path):
        question = f"This removes {path} with everything in it. Type {path.name} to go on: "
        if ask(question).strip() != path.name:
            raise ConfigError("that is not its name: nothing was changed")
        shutil.rmtree(path, ignore_errors=True)
    if path.exists():
        raise Unavailable(f"{path} is not removed whole: look who owns what is still there")
    return [f"{path} is removed, with the desk's secrets, logs and messages"]
