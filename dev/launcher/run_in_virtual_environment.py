"""Run a command of bin/ inside a virtual environment that has what it needs.

Standard library only, and no syntax beyond Python 3.8, so that an old Python gets as far as the
message that it is too old.
"""

from __future__ import annotations

import importlib
import os
import platform
import re
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
from importlib import metadata
from pathlib import Path

from dev import ROOT
from dev.launcher.running_desk import is_running, nothing_runs
from dev.launcher.virtual_environment import Environment
from hems.errors import ConfigError, HemsError, Unavailable
from hems.system import subprocesses

OLDEST = (3, 11)
INTERRUPTED = 130  # as shells report a program that Ctrl-C ended
RENEW = "`python3 bin/up` renews it, once no desk is running"
BROKEN_PIPE = 141  # as shells report a program whose reader has ended


def call(target: str, extras: Sequence[str], **arguments: object) -> int:
    """Call `module:function` with `arguments` inside the environment; return its exit code.

    Replaces this process by one inside .venv unless it is there already, or in another virtual
    environment that has everything. Prints an expected error as one message.
    """
    return _reported(partial(enter, extras), target, arguments)


def call_without_rebuilding(
    target: str,
    run_dir: Path,
    *,
    is_desk_needed: bool = True,
    nothing_runs_code: int = Unavailable.exit_code,
    **arguments: object,
) -> int:
    """Call as `call` does, but leave a .venv that exists as it is: a desk may run in it.

    Without a .venv, and without a needed desk in `run_dir`, only say so and return
    `nothing_runs_code`.
    """
    has_environment = Environment(ROOT).python.exists() or _is_virtual()
    if is_desk_needed and not has_environment and not is_running(run_dir):
        print(f"{Path(sys.argv[0]).name}: {nothing_runs(run_dir)}", file=sys.stderr)
        return nothing_runs_code
    return _reported(enter_existing, target, {"run_dir": run_dir, **arguments})


def _reported(enter_first: Callable[[], None], target: str, arguments: dict[str, object]) -> int:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # nohup and the like ignore Ctrl-C
    name = Path(sys.argv[0]).name
    try:
        enter_first()
        module, _, function_name = target.partition(":")
        function: Callable[..., int] = getattr(importlib.import_module(module), function_name)
        code = function(**arguments)
        sys.stdout.flush()
    except HemsError as error:
        print(f"{name}: {_on_one_line(str(error))}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print(f"{name}: interrupted", file=sys.stderr)
        return INTERRUPTED
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in {"hems", "dev"}:
            raise  # a bug, not an old environment
        print(f"{name}: .venv lacks {error.name}: {RENEW}", file=sys.stderr)
        return Unavailable.exit_code
    except BrokenPipeError:  # `bin/status | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for Python's last flush
        return BROKEN_PIPE
    return code


def _on_one_line(message: str) -> str:
    """Join a title and its only item; leave a longer list as it is."""
    title, *items = message.splitlines() or [""]
    return f"{title} {items[0].strip()}" if len(items) == 1 else message


def enter(extras: Sequence[str]) -> None:
    """Continue inside an environment that has hems with `extras`; make or renew it first.

    Raises Unavailable when it cannot be made.
    """
    _refuse_old_python()
    environment = Environment(ROOT)
    if environment.is_running() or not _has_all(requirements(ROOT, extras)):
        environment.make(extras)
        if not environment.is_running():
            subprocesses.replace([str(environment.python), *sys.argv])


def enter_existing() -> None:
    """Continue inside .venv as it is; make it only if there is none. Raises Unavailable."""
    _refuse_old_python()
    environment = Environment(ROOT)
    if environment.is_running():
        if not environment.is_current():
            print(f".venv is older than pyproject.toml: {RENEW}", file=sys.stderr)
    elif _has_all(requirements(ROOT, [])):
        return
    elif environment.python.exists():
        subprocesses.replace([str(environment.python), *sys.argv])
    else:
        enter([])


def _refuse_old_python() -> None:
    if sys.version_info < OLDEST:
        raise Unavailable(
            f"found Python {platform.python_version()} ({sys.executable}), expected "
            f"{'.'.join(map(str, OLDEST))} or later: run this with a newer python3"
        )


def requirements(root: Path, extras: Sequence[str]) -> list[str]:
    """Return the names of the distributions that hems needs with `extras`.

    Raises ConfigError when pyproject.toml is not TOML.
    """
    import tomllib  # noqa: PLC0415 - not in the old Python that only comes for the message

    path = root / "pyproject.toml"
    try:
        project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from error
    optional = project["optional-dependencies"]
    wanted = [*project["dependencies"], *(one for extra in extras for one in optional[extra])]
    return [re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0] for requirement in wanted]


def _is_virtual() -> bool:
    """Return whether this Python runs in a virtual environment."""
    return sys.prefix != sys.base_prefix


def _has_all(names: Sequence[str]) -> bool:
    """Return whether this is a virtual environment with these, in whatever version."""
    if not _is_virtual():
        return False
    try:
        return all(metadata.version(name) for name in names)
    except metadata.PackageNotFoundError:
        return False
