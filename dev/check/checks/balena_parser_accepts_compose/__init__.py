"""Check that the parser of `balena push` accepts docker-compose.yml.

The parser is @balena/compose-parser: TypeScript around a Go program that npm has as source code.
It is pinned by package-lock.json here, and fetched and built once, outside the repository.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from dev.check import read_source_files
from dev.check.checks.balena_parser_accepts_compose.installation import HERE, LOCK, Installation
from dev.check.compose_file import FILE
from dev.launcher import build_cache
from hems.system import subprocesses

TITLE = "compose: balena's own parser accepts the file"
PROGRAMS = ("node", "npm")
PARSE_S = 30


def problems(root: Path) -> Iterator[str]:
    """Yield the reason for which the parser refuses the file, if it does.

    Raises ConfigError if the file is not YAML, Unavailable if the parser cannot be fetched, built
    or started.
    """
    read_source_files.document(root, FILE)  # reports invalid YAML in the same words as other checks
    key = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]
    with build_cache.held("hems-check", key, Installation().make) as folder:
        argv = ["node", str(HERE / "parse.mjs"), str(folder), str(root / FILE)]
        if reason := subprocesses.run(argv, PARSE_S).strip():
            yield f"{FILE}: balena's parser refuses it: {reason}"
