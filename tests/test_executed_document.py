from pathlib import Path

import pytest

from tests.executed_document import part

TEXT = """Text.

In `a/b.py`:

```python
x = 1
```

```sh
cat a/b.py
```

```text
x   = …
```

Silent:

```sh
true
```
"""


def test_excerpts_commands_and_what_they_print_are_found() -> None:
    document = part(TEXT)
    assert document.excerpts == {"a/b.py": "x = 1\n"}
    assert document.commands == ["cat a/b.py\n", "true\n"]
    assert document.expected == ["x   = …\n", ""]


def printed(*outputs: str) -> list[str]:
    mark = part(TEXT).script().split("echo ")[1].split("'")[1]
    return list(part(TEXT).differences("".join(f"{output}{mark}\n" for output in outputs)))


def test_what_is_printed_is_compared_without_the_width_of_columns() -> None:
    assert printed("x = 1\n", "") == []


@pytest.mark.parametrize(
    ("outputs", "fault"),
    [
        (["y = 1\n", ""], "y = 1"),
        (["x = 1\n", "noise\n"], "noise"),
        (["x = 1\n"], "1 of 2 blocks ended well"),
    ],
    ids=["other", "noise", "ended"],
)
def test_a_difference_is_found(outputs: list[str], fault: str) -> None:
    (difference,) = printed(*outputs)
    assert fault in difference


def test_an_excerpt_has_lines_of_its_file_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    file = tmp_path / "a/b.py"
    two = part(TEXT.replace("x = 1\n", "x = 1\ny = 2\n", 1))
    for text, untrue in (("y = 2\nx = 1\n", ["a/b.py: y = 2"]), ("x = 1\n\ny = 2\n", [])):
        file.write_text(text)
        assert [*two.untrue_lines(tmp_path)] == untrue


def test_a_block_of_unknown_use_is_an_error() -> None:
    with pytest.raises(ValueError, match="found a block of python"):
        part("```python\nx = 1\n```\n")
