"""Execute a document: run its commands, and compare what they print, and excerpts with files.

A block below the line "In `PATH`:" has lines of that file, in their order. A block of `sh` is
commands; the block of `text` after it is what they print, where `…` is any text. All blocks of
commands of a part run in one shell, in which a failure ends the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_BLOCK = re.compile(
    r"(?:In `(?P<path>[^`]+)`:\n\n)?```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.M | re.S
)
_MARK = "=== end of block"


@dataclass
class DocumentPart:
    """Excerpts of files, and blocks of commands with what each prints."""

    excerpts: dict[str, str] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def script(self) -> str:
        """Return all commands, with a mark after each block, for `bash -eu`."""
        return "".join(f"{block}echo '{_MARK}'\n" for block in self.commands)

    def untrue_lines(self, folder: Path) -> Iterator[str]:
        """Yield each line of an excerpt that its file does not have, or not in this order."""
        for path, excerpt in self.excerpts.items():
            lines = iter((folder / path).read_text(encoding="utf-8").splitlines())
            for line in excerpt.splitlines():
                if line not in lines:
                    yield f"{path}: {line}"
                    break

    def differences(self, printed: str) -> Iterator[str]:
        """Yield each block that printed something else than the document says."""
        outputs = printed.split(f"{_MARK}\n")
        if len(outputs) != len(self.commands) + 1:
            count = f"{len(outputs) - 1} of {len(self.commands)}"
            yield f"{count} blocks ended well, then: {outputs[-1]}"
        for text, expected, output in zip(self.commands, self.expected, outputs, strict=False):
            if not _pattern(expected).fullmatch(_spaced(output)):
                yield f"{text}printed\n{output}instead of\n{expected}"


def part(document: str) -> DocumentPart:
    """Return the blocks of this text."""
    blocks = DocumentPart()
    for block in _BLOCK.finditer(document):
        if block["path"]:
            blocks.excerpts[block["path"]] = block["text"]
        elif block["kind"] == "sh":
            blocks.commands.append(block["text"])
            blocks.expected.append("")
        elif block["kind"] == "text" and blocks.commands:
            blocks.expected[-1] = block["text"]
        else:
            raise ValueError(f"found a block of {block['kind']}, expected its place or commands")
    return blocks


def _spaced(text: str) -> str:
    """Return `text` with one space wherever there is space within a line."""
    return re.sub(r"[ \t]+", " ", text).strip()


def _pattern(expected: str) -> re.Pattern[str]:
    return re.compile(re.escape(_spaced(expected)).replace("…", ".*"), re.S)
