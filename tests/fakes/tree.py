"""A copy of the real tree, to plant faults in."""

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from hems.desk.check.run import Check, outcome
from hems.desk.launch import ROOT

Problems = Callable[[Path], Iterable[str]]
CHECKED = (
    ".dockerignore",
    ".hadolint.yaml",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONVENTIONS.md",
    "Dockerfile",
    "README.md",
    "balena.yml",
    "bin",
    "docker-compose.yml",
    "docs",
    "etc",
    "hems/__init__.py",
    "hems/supervision",
    "requirements.lock",
    "services",
    "tox.ini",
)


class Tree:
    """All that bin/check looks at, below `root`, an empty folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in CHECKED:
            source, copy = ROOT / name, root / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, copy)
            elif source.exists():
                shutil.copy(source, copy)

    def found(self, problems: Problems, file: str, old: str, new: str) -> list[str]:
        """Return what a check finds in addition once the first `old` in a file is `new`."""
        check = Check("", problems)
        before = outcome(check, self.root, is_ci=True).lines
        text = (self.root / file).read_text(encoding="utf-8")
        assert old in text, f"{file} has changed: plant another fault"
        (self.root / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        after = outcome(check, self.root, is_ci=True).lines
        return [fault for fault in after if fault not in before]
