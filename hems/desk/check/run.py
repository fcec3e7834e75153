"""bin/check: run every check, a line each, and below it what is wrong."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from hems.desk import debian
from hems.desk.broker import SYSTEM_PROGRAMS
from hems.desk.check import (
    agreement,
    announced,
    asked,
    balena_parser,
    container,
    copies,
    documents,
    editions,
    gateway_files,
    hadolint,
    health,
    home_assistant,
    ignored,
    images,
    keys,
    links,
    locks,
    mosquitto,
    mounts,
    needs,
    networks,
    nginx,
    offered,
    passing,
    persistence,
    proxy,
    rights,
    starting,
    supervisord,
    variables,
    version,
    volumes,
)
from hems.errors import HemsError, Unavailable


class Verdict(Enum):
    OK = "ok"
    SKIPPED = "skipped"
    FAILED = "failed"


class Check(NamedTuple):
    """`problems` is asked with the root of the tree; `programs` are what it runs."""

    title: str
    problems: Callable[[Path], Iterable[str]]
    programs: tuple[str, ...] = ()


class Outcome(NamedTuple):
    verdict: Verdict
    lines: tuple[str, ...]


CHECKS = (
    Check("compose: balena's own parser", balena_parser.problems, ("node", "npm")),
    Check("compose: keys", keys.problems),
    Check("compose: addresses and ports", networks.problems),
    Check("compose: rights and limits", rights.problems),
    Check("compose: the rights that a service needs", needs.problems),
    Check("compose: every service starts by itself", starting.problems),
    Check("compose: volumes", volumes.problems),
    Check("compose: what is mounted where", mounts.problems),
    Check("compose: health checks", health.problems),
    Check("images: there and pinned", images.problems),
    Check("images: what they copy", copies.problems),
    Check("images: what .dockerignore leaves out", ignored.problems),
    Check("images: what they fetch is pinned", locks.problems),
    Check("images: what their health checks ask", asked.problems),
    Check("images: hadolint", hadolint.problems),
    Check("hems: supervisord's units", supervisord.problems),
    Check("hems: what supervisord tells the workers", announced.problems),
    Check("hems: its container", container.problems),
    Check("nginx: its configuration", nginx.problems, ("nginx",)),
    Check("mqtt: mosquitto's configuration", mosquitto.problems, ("mosquitto",)),
    Check("mqtt: what mosquitto keeps", persistence.problems),
    Check("homeassistant: whom it trusts, where it writes", home_assistant.problems),
    Check("agreement: addresses and ports", agreement.problems),
    Check("agreement: nginx's ports", proxy.problems),
    Check("agreement: where nginx passes what on to", passing.problems),
    Check("agreement: files of the volume gateway", gateway_files.problems),
    Check("agreement: variables", variables.problems),
    Check("agreement: documents", documents.problems),
    Check("agreement: what documents point at", links.problems),
    Check("agreement: what documents offer", offered.problems),
    Check("agreement: releases in the READMEs", editions.problems),
    Check("agreement: version", version.problems),
)


def run(*, root: Path) -> int:
    """Check the tree at `root`, print the outcome, and return 1 if something is wrong."""
    is_ci = bool(os.environ.get("CI"))
    outcomes = []
    told: set[str] = set()
    for check in CHECKS:
        found = outcome(check, root, is_ci=is_ci)
        if found.verdict is Verdict.FAILED and told.issuperset(found.lines):
            print(f"{Verdict.SKIPPED.value:<8} {check.title}: see above")
            continue
        told.update(found.lines)
        outcomes.append(found.verdict)
        print("\n".join([f"{found.verdict.value:<8} {check.title}", *_below(found.lines)]))
    return 1 if Verdict.FAILED in outcomes else 0


def outcome(check: Check, root: Path, *, is_ci: bool) -> Outcome:
    """Return what `check` finds; what cannot be looked at is skipped, but fails in CI."""
    not_looked_at = Verdict.FAILED if is_ci else Verdict.SKIPPED
    if missing := not_installed(check.programs):
        return Outcome(not_looked_at, (missing,))
    try:
        lines = tuple(check.problems(root))
    except Unavailable as error:
        return Outcome(not_looked_at, (str(error),))
    except HemsError as error:
        lines = (str(error),)
    return Outcome(Verdict.FAILED if lines else Verdict.OK, lines)


def not_installed(programs: Iterable[str]) -> str:
    """Return which of the programs of debian.py this machine lacks, nothing if it has all."""
    places = f"{os.environ.get('PATH', '')}:{SYSTEM_PROGRAMS}"
    missing = [one for one in programs if not shutil.which(one, path=places)]
    if not missing:
        return ""
    wanted = " ".join(one.name for one in debian.PACKAGES if one.program in missing)
    return f"not installed: {', '.join(missing)}; on Debian: apt install {wanted}"


def _below(lines: Iterable[str]) -> list[str]:
    return [f"         {part}" for line in lines for part in line.splitlines()]
