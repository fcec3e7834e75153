"""Discover the checks in dev/check/checks, run them and print the outcome, for bin/check."""

from __future__ import annotations

import importlib
import os
import pkgutil
import shutil
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from dev.check import checks
from dev.launcher import debian_test_packages
from dev.launcher.mosquitto_or_embedded_broker import SYSTEM_PROGRAMS
from hems.errors import HemsError, Unavailable


class Verdict(Enum):
    OK = "ok"
    SKIPPED = "skipped"
    FAILED = "failed"


class Check(NamedTuple):
    """`problems` takes the root of the tree; `programs` are the programs that the check runs.

    A check that `is_first` runs before the others, which fail for the same reasons.
    """

    title: str
    problems: Callable[[Path], Iterable[str]]
    programs: tuple[str, ...] = ()
    is_first: bool = False


class Outcome(NamedTuple):
    verdict: Verdict
    lines: tuple[str, ...]


def discover(paths: Iterable[str], package: str) -> list[Check]:
    """Return the check in each module of `package`, whose folders are `paths`.

    The order is by title, after the checks that are first.
    """
    names = (f"{package}.{module.name}" for module in pkgutil.iter_modules(paths))
    modules = (importlib.import_module(name) for name in names)
    discovered = [
        Check(
            module.TITLE,
            module.problems,
            getattr(module, "PROGRAMS", ()),
            getattr(module, "IS_FIRST", False),
        )
        for module in modules
    ]
    return sorted(discovered, key=lambda check: (not check.is_first, check.title))


def run(*, root: Path) -> int:
    """Check the tree at `root` with every check, print the outcome, and return the exit status."""
    is_ci = bool(os.environ.get("CI"))
    return report(discover(checks.__path__, checks.__name__), root, is_ci=is_ci)


def report(selected: Sequence[Check], root: Path, *, is_ci: bool) -> int:
    """Run the `selected` checks, print a line for each, and return 1 if one failed, else 0.

    A check that finds only problems that an earlier check printed does not print them again.
    """
    verdicts = []
    printed: set[str] = set()
    for check in selected:
        verdict, lines = outcome(check, root, is_ci=is_ci)
        if verdict is Verdict.FAILED and printed.issuperset(lines):
            print(f"{Verdict.SKIPPED.value:<8} {check.title}: see above")
            continue
        printed.update(lines)
        verdicts.append(verdict)
        print("\n".join([f"{verdict.value:<8} {check.title}", *_indented(lines)]))
    return 1 if Verdict.FAILED in verdicts else 0


def outcome(check: Check, root: Path, *, is_ci: bool) -> Outcome:
    """Run `check`. A check that cannot run is skipped, or fails if `is_ci`."""
    cannot_run = Verdict.FAILED if is_ci else Verdict.SKIPPED
    if missing := not_installed(check.programs):
        return Outcome(cannot_run, (missing,))
    try:
        lines = tuple(check.problems(root))
    except Unavailable as error:
        return Outcome(cannot_run, (str(error),))
    except HemsError as error:
        lines = (str(error),)
    return Outcome(Verdict.FAILED if lines else Verdict.OK, lines)


def not_installed(programs: Iterable[str]) -> str:
    """Return which of `programs` this machine lacks and how to install them, or an empty text."""
    places = f"{os.environ.get('PATH', '')}:{SYSTEM_PROGRAMS}"
    missing = [program for program in programs if not shutil.which(program, path=places)]
    if not missing:
        return ""
    packages = [
        package.name for package in debian_test_packages.PACKAGES if package.program in missing
    ]
    return f"not installed: {', '.join(missing)}; on Debian: apt install {' '.join(packages)}"


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"         {part}" for line in lines for part in line.splitlines()]
