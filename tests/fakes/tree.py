"""A copy of the files that bin/check reads, in which tests plant faults."""

import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from dev import ROOT
from dev.check.run import Check, outcome

Problems = Callable[[Path], Iterable[str]]
CHECKED = (
    ".dockerignore",
    ".hadolint.yaml",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONVENTIONS.md",
    "Dockerfile",
    "README.md",
    "SECURITY.md",
    "balena.yml",
    "bin",
    "docker-compose.yml",
    "docs",
    "etc",
    "hems/__init__.py",
    "hems/supervision",
    "requirements.lock",
    "services",
    "tests/README.md",
    "tests/e2e/homeassistant.lock",
    "tox.ini",
)


class Tree:
    """The files that bin/check reads, copied to `root`, an empty folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in CHECKED:
            source, copy = ROOT / name, root / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, copy)
            elif source.exists():
                shutil.copy2(source, copy)
        self._pristine = self._files()

    def restore(self) -> None:
        """Undo all changes: a test costs a walk through the tree instead of a copy of it."""
        current = self._files()
        for path in current.keys() - self._pristine.keys():
            path.unlink()
        for path, state in self._pristine.items():
            if current.get(path) != state:
                shutil.copy2(ROOT / path.relative_to(self.root), path)

    def _files(self) -> dict[Path, tuple[int, int]]:
        """Return the time of the last change (ns) and the size of each file."""
        states = {
            Path(folder, name): Path(folder, name).stat()
            for folder, _, names in os.walk(self.root)
            for name in names
        }
        return {path: (state.st_mtime_ns, state.st_size) for path, state in states.items()}

    def found(self, problems: Problems, file: str, old: str, new: str) -> list[str]:
        """Replace the first `old` in `file`, and return the problems that this adds."""
        check = Check("", problems)
        before = outcome(check, self.root, is_ci=True).lines
        text = (self.root / file).read_text(encoding="utf-8")
        assert old in text, f"{file} has changed: this test must plant another fault"
        (self.root / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        after = outcome(check, self.root, is_ci=True).lines
        return [fault for fault in after if fault not in before]
