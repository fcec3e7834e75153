"""Read hems.toml and the environment into Settings, and say everything that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from hems.settings import Settings, secrets
from hems.settings.findings import SECTIONS, SERVICES, Findings
from hems.settings.problem import Problem, refuse


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """Return the settings of `path` with the environment's overrides and secrets.

    Raises ConfigError that lists every problem, a line each; no secret is in it.
    """
    settings, problems = read(path, environ)
    refuse(problems)
    return settings


def read(path: Path, environ: Mapping[str, str]) -> tuple[Settings, list[Problem]]:
    """Return the settings as `load` does, and what is wrong with them.

    What is wrong counts with its default, a value or the whole section; such a secret is not given.
    """
    found = Findings()
    found.take_file(path)
    found.take_environment(environ)
    sections = {name: found.section(name) for name in SECTIONS}
    settings = msgspec.convert(sections | {SERVICES: found.services()}, Settings)
    known = secrets.read(environ, found.problems, settings.provision.secrets_directory)
    return msgspec.structs.replace(settings, secrets=known), found.problems
