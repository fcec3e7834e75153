"""Check that builds verify the hash of every download: Python and npm packages, release files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from dev.check import dockerfile, read_source_files
from dev.check.dockerfile import Instruction

TITLE = "images: every download is pinned by its hash"
INSTALL = re.compile(r"\bpip\b[^&]*?\binstall\b([^&]*)")
HASHES = "--require-hashes"
NPM = re.compile(r"\bnpm (install|i|add|exec)\b")
# What fetches something that no lock of this project pins. Debian and Alpine sign their packages.
DOWNLOADERS = re.compile(
    r"\b(curl|wget|aria2c|git (?:clone|fetch|pull|submodule)|npx|yarn|pnpm|pipx|easy_install|uvx?"
    r"|go (?:get|install|mod)|cargo|gem|pip3? download|corepack)\b"
)
UNSIGNED = re.compile(r"allow-(?:untrusted|unauthenticated|insecure-repositories)|trusted=yes")
FETCHES = re.compile(r"\burlopen\(|\burlretrieve\(|\brequests\.get\(|\bHTTPSConnection\(")
DIGEST = "hashlib.sha256("
PINNED = re.compile(r"[A-Za-z0-9._-]+==[^\s;]+(?: *;[^\\]*)?(?: --hash=sha256:[0-9a-f]{64})+")
CHECKSUMS = "checksums"  # in sha256sum's format
CHECKSUM = re.compile(r"[0-9a-f]{64} [ *]\S+")
NPM_LOCKS = ("services/*/package-lock.json", "dev/check/checks/*/package-lock.json")
LOCKS = (
    "requirements.lock",
    "services/*/requirements.*",
    "dev/check/checks/*/*requirements.txt",
    "tests/e2e/*.lock",
)
INTEGRITY = "sha512-"


def problems(root: Path) -> Iterator[str]:
    """Yield each package or file that a build would accept with any content."""
    for _, source, instructions in dockerfile.built(root):
        for line in instructions:
            yield from _instruction(dockerfile.path_of(source), line)
    yield from _programs(root)
    for name in _named(root, LOCKS):
        yield from _unpinned(name, read_source_files.text(root, name))
    for name in _named(root, (f"services/*/{CHECKSUMS}",)):
        for number, text in enumerate(read_source_files.text(root, name).splitlines(), 1):
            if not CHECKSUM.fullmatch(text):
                yield f"{name}:{number}: found {text!r}, expected 64 hex digits and a file name"
    for name in _named(root, NPM_LOCKS):
        yield from _unpinned_npm(name, root / name)


def _named(root: Path, patterns: Iterable[str]) -> list[str]:
    paths = [path for pattern in patterns for path in sorted(root.glob(pattern))]
    return [str(path.relative_to(root)) for path in paths if path.suffix != ".in"]


def _instruction(path: str, line: Instruction) -> Iterator[str]:
    if line.name == "RUN":
        yield from _command(path, line.rest)
    elif line.name == "ADD":
        yield from _addition(path, line)


def _command(path: str, command: str) -> Iterator[str]:
    if npm := NPM.search(command):
        yield f"{path}: found npm {npm[1]}, expected npm ci and a lock file"
    if other := DOWNLOADERS.search(command):
        yield f"{path}: found {other[0]}, expected a file of checksums and a program that checks it"
    if unsigned := UNSIGNED.search(command):
        yield f"{path}: found {unsigned[0]}, expected packages that their distribution has signed"
    for arguments in INSTALL.findall(command):
        if HASHES not in arguments:
            yield f"{path}: pip install{arguments}: expected {HASHES} and a file"


def _addition(path: str, line: Instruction) -> Iterator[str]:
    """Yield what ADD would take from the network without a hash."""
    is_remote = "://" in line.rest or line.rest.startswith("git@")
    if is_remote and not line.options.get("checksum", "").startswith("sha256:"):
        yield f"{path}: ADD {line.rest}: expected --checksum=sha256:..."


def _programs(root: Path) -> Iterator[str]:
    """Yield each program of a service that fetches something and compares it with no hash."""
    for path in sorted((root / "services").glob("**/*.py")):
        text = path.read_text(encoding="utf-8")
        if FETCHES.search(text) and not (
            DIGEST in text and path.with_name(CHECKSUMS).is_file() and CHECKSUMS in text
        ):
            name = path.relative_to(root)
            yield f"{name}: it fetches a file, expected its SHA-256 in {CHECKSUMS} beside it"


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
