"""The Python files that documents name exist; bin/check tests their links and other paths."""

import re

import pytest

from dev import ROOT

PYTHON_FILE = re.compile(r"(?<![\w./])(?:hems|dev|tests)/[\w/]+\.py\b")
NEW_FILE = re.compile(r"New file `([^`]+)`")  # a reader of the document makes it
DOCUMENTS = [
    str(path.relative_to(ROOT))
    for pattern in ("*.md", "docs/**/*.md", "services/*/README.md", "hems/**/*.md", "tests/*.md")
    for path in sorted(ROOT.glob(pattern))
]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_python_file_that_a_document_names_exists(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    files = set(PYTHON_FILE.findall(text)) - set(NEW_FILE.findall(text))
    assert {file for file in files if not (ROOT / file).is_file()} == set()


def test_documents_name_python_files() -> None:
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in DOCUMENTS]
    assert sum(len(PYTHON_FILE.findall(text)) for text in texts) > 10
