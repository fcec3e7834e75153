from pathlib import Path

import pytest

from tests.document_blocks import DocumentBlock, apply, blocks

DOCUMENT = """# Title

Some text.

New file `a/b.py`, which does little,
and that slowly:

```python
x = 1

```

In `c.toml`, below `[c]`:

```toml
d = 1
```
"""


def test_a_block_has_the_place_that_the_paragraph_above_it_names() -> None:
    first, second = blocks(DOCUMENT)
    assert first == DocumentBlock("a/b.py", "new", "", "x = 1\n\n")
    assert second == DocumentBlock("c.toml", "below", "[c]", "d = 1\n")


def test_a_block_without_a_place_is_an_error() -> None:
    with pytest.raises(ValueError, match="found 'Do this:' above a block"):
        list(blocks("Do this:\n\n```python\nx = 1\n```\n"))


@pytest.mark.parametrize(
    ("side", "line", "expected"),
    [
        ("end", "", "a\nb\nNEW\n"),
        ("below", "a", "a\nNEW\nb\n"),
        ("above", "a", "NEW\na\nb\n"),
    ],
)
def test_a_block_is_inserted_at_its_place(
    tmp_path: Path, side: str, line: str, expected: str
) -> None:
    (tmp_path / "f").write_text("a\nb\n")
    apply(DocumentBlock("f", side, line, "NEW\n"), tmp_path)
    assert (tmp_path / "f").read_text() == expected


def test_two_blank_lines_follow_a_function(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x = 1\n")
    apply(DocumentBlock("f", "above", "x", "def f(): ...\n"), tmp_path)
    assert (tmp_path / "f").read_text() == "def f(): ...\n\n\nx = 1\n"


def test_a_new_file_is_written_with_its_folders_and_replaces_none(tmp_path: Path) -> None:
    block = DocumentBlock("a/b/f", "new", "", "NEW\n")
    apply(block, tmp_path)
    assert (tmp_path / "a/b/f").read_text() == "NEW\n"
    with pytest.raises(ValueError, match="a/b/f exists"):
        apply(block, tmp_path)


@pytest.mark.parametrize("line", ["x", ""])
def test_a_line_that_is_missing_or_ambiguous_is_an_error(tmp_path: Path, line: str) -> None:
    (tmp_path / "f").write_text("a\nb\n")
    with pytest.raises(ValueError, match="lines begin with"):
        apply(DocumentBlock("f", "below", line, "NEW\n"), tmp_path)
