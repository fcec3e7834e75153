"""The rules that tests/README.md states and that a machine can check."""

import re
from pathlib import Path

TESTS = Path(__file__).parent
PATCHES = re.compile(r"\bmonkeypatch\b", re.IGNORECASE)


def test_tests_patch_with_mocker() -> None:
    uses = [
        f"{path.relative_to(TESTS)}:{number}: {line.strip()}"
        for path in sorted(TESTS.rglob("*.py"))
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if PATCHES.search(line)
    ]
    assert not uses, "\n".join(uses)
