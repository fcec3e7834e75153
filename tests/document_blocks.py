"""Apply the code blocks of a document to a tree, each at the place that the text above it names.

The paragraph above a block begins with one of:

    New file `PATH`
    At the end of `PATH`
    In `PATH`, below `LINE`      LINE is the beginning of the only such line of the file
    In `PATH`, above `LINE`

A function above a line is followed by two blank lines. ruff formats blocks of Python, so a block
that is not Python by itself has no language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

BLOCK = re.compile(
    r"^(?P<above>\S[^\n]*)(?:\n\S[^\n]*)*\n\n```\w*\n(?P<text>.*?)^```$", re.M | re.S
)
PLACE = re.compile(
    r"(?:(?P<new>New file)|(?P<end>At the end of)|In) `(?P<path>[^`]+)`"
    r"(?:, (?P<side>below|above) `(?P<line>[^`]+)`)?"
)


class DocumentBlock(NamedTuple):
    """One block: its text, and where it belongs. `side` is new, end, below or above."""

    path: str
    side: str
    line: str
    text: str


def blocks(document: str) -> Iterator[DocumentBlock]:
    """Yield the blocks of a Markdown document. Raises ValueError for one without a place."""
    for block in BLOCK.finditer(document):
        place = PLACE.match(block["above"])
        side = place and ("new" if place["new"] else "end" if place["end"] else place["side"])
        if place is None or not side:
            raise ValueError(f"found {block['above']!r} above a block, expected where it belongs")
        yield DocumentBlock(place["path"], side, place["line"] or "", block["text"])


def apply(block: DocumentBlock, root: Path) -> None:
    """Write `block` to its file below `root`.

    Raises ValueError if a new file exists, or if not exactly one line begins with `block.line`.
    """
    path = root / block.path
    if block.side == "new":
        if path.exists():
            raise ValueError(f"{block.path} exists")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
        return
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    index = len(lines)
    if block.side != "end":
        matching = [number for number, line in enumerate(lines) if line.startswith(block.line)]
        if len(matching) != 1:
            raise ValueError(f"{block.path}: {len(matching)} lines begin with {block.line!r}")
        index = matching[0] + (block.side == "below")
    text = f"{block.text}\n\n" if block.text.startswith("def ") else block.text
    path.write_text("".join([*lines[:index], text, *lines[index:]]), encoding="utf-8")
