"""Find and read nginx's configuration in services/nginx-reverse-proxy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dev.check import read_source_files

SERVICE = "nginx-reverse-proxy"
FOLDER = f"services/{SERVICE}/nginx"


def texts(root: Path, pattern: str) -> Iterator[tuple[str, str]]:
    """Yield the name (relative to the root) and the text of each file below FOLDER."""
    for path in sorted((root / FOLDER).glob(pattern)):
        name = str(path.relative_to(root))
        yield name, read_source_files.text(root, name)
