"""Check that builds verify the hash of every download: Python and npm packages, release files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from dev.check import dockerfile, source_tree

TITLE = "images: every download is pinned by its hash"
INSTALL = re.compile(r"\bpip\b[^&]*?\binstall\b([^&]*)")
HASHES = "--require-hashes"
NPM = re.compile(r"\bnpm (install|i|add)\b")
PINNED = re.compile(r"[A-Za-z0-9._-]+==[^\s;]+(?: *;[^\\]*)?(?: --hash=sha256:[0-9a-f]{64})+")
CHECKSUMS = "checksums"  # in sha256sum's format
CHECKSUM = re.compile(r"[0-9a-f]{64} [ *]\S+")
NPM_LOCK = "package-lock.json"
INTEGRITY = "sha512-"


def problems(root: Path) -> Iterator[str]:
    """Yield each package or file that a build would accept with any content."""
    for _, source, instructions in dockerfile.built(root):
        for command in (line.rest for line in instructions if line.name == "RUN"):
            yield from _command(dockerfile.path_of(source), command)
    locks = (root / "requirements.lock", *sorted((root / "services").glob("*/requirements.*")))
    for name in (str(path.relative_to(root)) for path in locks if path.suffix != ".in"):
        yield from _unpinned(name, source_tree.text(root, name))
    for path in sorted((root / "services").glob(f"*/{CHECKSUMS}")):
        name = str(path.relative_to(root))
        for number, line in enumerate(source_tree.text(root, name).splitlines(), 1):
            if not CHECKSUM.fullmatch(line):
                yield f"{name}:{number}: found {line!r}, expected 64 hex digits and a file name"
    for path in sorted((root / "services").glob(f"*/{NPM_LOCK}")):
        yield from _unpinned_npm(str(path.relative_to(root)), path)


def _command(path: str, command: str) -> Iterator[str]:
    if npm := NPM.search(command):
        yield f"{path}: found npm {npm[1]}, expected npm ci and a lock file"
    for arguments in INSTALL.findall(command):
        if HASHES not in arguments:
            yield f"{path}: pip install{arguments}: expected {HASHES} and a file"


def _unpinned(name: str, text: str) -> Iterator[str]:
    """Yield each requirement that lacks a version or hashes."""
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    joined = re.sub(r"\s*\\\n\s*", " ", lines)
    for line in joined.splitlines():
        if line.strip() and not PINNED.fullmatch(line.strip()):
            yield f"{name}: found {line.split(' --')[0]}, expected NAME==VERSION with sha256 hashes"


def _unpinned_npm(name: str, path: Path) -> Iterator[str]:
    """Yield each npm package that the lock accepts with any content."""
    for package, entry in json.loads(path.read_text(encoding="utf-8"))["packages"].items():
        if package and not entry.get("integrity", "").startswith(INTEGRITY):
            yield f"{name}: {package}: expected an integrity of {INTEGRITY}..."
