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
                shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
            elif source.exists():
                shutil.copy2(source, copy)
        self._pristine = self._files()
        self._known: dict[Problems, tuple[str, ...]] = {}  # of the pristine tree

    def restore(self) -> None:
        """Undo all changes: a test costs a walk through the tree instead of a copy of it."""
        current = self._files()
        for path in current.keys() - self._pristine.keys():
            Path(path).unlink()
        for path, state in self._pristine.items():
            if current.get(path) != state:
                shutil.copy2(ROOT / Path(path).relative_to(self.root), path)

    def _files(self) -> dict[str, tuple[int, int]]:
        """Return the time of the last change (ns) and the size of each file."""
        states, folders = {}, [str(self.root)]
        while folders:
            for entry in os.scandir(folders.pop()):
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    state = entry.stat()
                    states[entry.path] = state.st_mtime_ns, state.st_size
        return states

    def found(self, problems: Problems, file: str, old: str, new: str) -> list[str]:
        """Replace the first `old` in `file`, and return the problems that this adds."""
        check = Check("", problems)
        before = self._before(check)
        text = (self.root / file).read_text(encoding="utf-8")
        assert old in text, f"{file} has changed: this test must plant another fault"
        (self.root / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        after = outcome(check, self.root, is_ci=True).lines
        return [fault for fault in after if fault not in before]

    def _before(self, check: Check) -> tuple[str, ...]:
        """Return the problems of the tree now; those of the pristine tree are looked for once."""
        if self._files() != self._pristine:
            return outcome(check, self.root, is_ci=True).lines
        if check.problems not in self._known:
            self._known[check.problems] = outcome(check, self.root, is_ci=True).lines
        return self._known[check.problems]
