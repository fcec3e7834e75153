"""Check that docker-compose.yml uses no key or value that balena refuses or ignores.

`balena push` does not know the fleet's variables: its current parser replaces ${VARIABLE} by the
variable of the machine that pushes, or by nothing, and its older one leaves the text as it is.
Source: balena's documentation, "Supported fields and versions for docker-compose".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from dev.check import read_source_files
from dev.check.compose_file import FILE
from hems.errors import ConfigError

TITLE = "compose: balena supports every key"
TOP = frozenset({"version", "networks", "services", "volumes"})
BUILD = frozenset({"args", "context", "dockerfile", "labels", "target"})
_SERVICE = """
    build cap_add cap_drop command depends_on devices dns entrypoint environment expose
    extra_hosts group_add healthcheck image init labels mem_limit mem_reservation network_mode
    networks oom_score_adj pid ports privileged read_only restart security_opt shm_size
    stop_grace_period stop_signal sysctls tmpfs ulimits user volumes working_dir
"""
SERVICE = frozenset(_SERVICE.split())
VERSIONS = ("2", "2.0", "2.1", "2.2", "2.3", "2.4")
VARIABLE = re.compile(r"\$\{[^}]*\}|\$[A-Za-z_]\w*")


def problems(root: Path) -> Iterator[str]:
    """Yield each key and value that does not reach the device as it is written."""
    document = read_source_files.document(root, FILE)
    if not isinstance(document, dict) or not isinstance(document.get("services"), dict):
        raise ConfigError(f"{FILE}: found no services, expected a mapping")
    if document.get("version") not in VERSIONS:
        version = document.get("version")
        what = f"{version!r}" if isinstance(version, str) else f"{version} without quotes, a number"
        yield f'{FILE}: version: found {what}; expected "2.1", quoted, or up to "2.4"'
    yield from _unknown("the top level", document, TOP)
    for name, service in document["services"].items():
        yield from _unknown(name, service, SERVICE)
        yield from _unknown(f"{name}: build", service.get("build"), BUILD)
    yield from _variables(root)


def _unknown(where: str, table: object, known: frozenset[str]) -> Iterator[str]:
    if not isinstance(table, dict):
        return
    for key in sorted(table.keys() - known):
        yield f"{FILE}: {where}: {key}: balena refuses or ignores this key, remove it"


def _variables(root: Path) -> Iterator[str]:
    lines = read_source_files.text(root, FILE).splitlines()
    for number, line in enumerate(lines, 1):
        if variable := VARIABLE.search(line.partition(" #")[0]):
            yield (
                f"{FILE}:{number}: found {variable[0]}, expected a value: balena does not "
                "know it here; fleet variables reach the containers as environment variables"
            )
