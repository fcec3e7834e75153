"""Start a command of bin/ inside an environment that has what it needs.

Standard library only, and no syntax beyond Python 3.8, so that an old Python gets as
far as being told.
"""

from __future__ import annotations

import importlib
import platform
import re
import sys
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path

from hems.desk.venv import Environment
from hems.errors import HemsError, Unavailable
from hems.system import process

ROOT = Path(__file__).resolve().parents[2]
OLDEST = (3, 11)
INTERRUPTED = 130  # as shells report a program that Ctrl-C ended


def call(target: str, extras: Sequence[str], **arguments: object) -> int:
    """Call `module:function` with `arguments` inside the environment; return its exit code.

    Replaces this process by one inside .venv unless it is there already, or in another
    virtual environment that has everything. Prints an expected error as one message.
    """
    try:
        enter(extras)
        module, _, name = target.partition(":")
        function: Callable[..., int] = getattr(importlib.import_module(module), name)
        return function(**arguments)
    except HemsError as error:
        print(f"{Path(sys.argv[0]).name}: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED


def enter(extras: Sequence[str]) -> None:
    """Go on inside an environment that has hems with `extras`.

    Raises Unavailable when it cannot be made.
    """
    if sys.version_info < OLDEST:
        raise Unavailable(
            f"found Python {platform.python_version()} ({sys.executable}), expected "
            f"{'.'.join(map(str, OLDEST))} or later: run this with a newer python3"
        )
    environment = Environment(ROOT)
    if environment.is_running() or not _has_all(requirements(ROOT, extras)):
        environment.make(extras)
        if not environment.is_running():
            process.replace([str(environment.python), *sys.argv])


def requirements(root: Path, extras: Sequence[str]) -> list[str]:
    """Return the names of the distributions that hems needs with `extras`."""
    import tomllib  # noqa: PLC0415 - not in the old Python that only comes for the message

    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    wanted = [*project["dependencies"], *(one for extra in extras for one in optional[extra])]
    return [re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0] for requirement in wanted]


def _has_all(names: Sequence[str]) -> bool:
    """Tell whether this is a virtual environment with these; their versions are its maker's."""
    if sys.prefix == sys.base_prefix:
        return False
    try:
        return all(metadata.version(name) for name in names)
    except metadata.PackageNotFoundError:
        return False
