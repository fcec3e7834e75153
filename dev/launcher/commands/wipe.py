"""bin/wipe: leave nothing of a family on a gateway that changes hands, or of a desk."""

from __future__ import annotations

from pathlib import Path

from dev.wipe import desk, gateway
from hems.errors import ConfigError


def run(*, uuid: str, run_dir: Path | None, root: Path) -> int:
    """Wipe the device `uuid`, or without one the desk in `run_dir`, and say what was done.

    Raises ConfigError if a person does not confirm, Unavailable if something is still there.
    """
    lines = gateway.wipe(uuid, root, _ask) if run_dir is None else desk.wipe(run_dir, _ask)
    print("\n".join(lines))
    return 0


def _ask(question: str) -> str:
    try:
        return input(question)
    except EOFError:
        raise ConfigError("nobody has answered: nothing was changed") from None
