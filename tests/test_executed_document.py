import pytest

from tests.executed_document import part

TEXT = """Text.

New file `a/b.py`

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


def test_files_commands_and_what_they_print_are_found() -> None:
    found = part(TEXT)
    assert found.files == {"a/b.py": "x = 1\n"}
    assert found.commands == ["cat a/b.py\n", "true\n"]
    assert found.expected == ["x   = …\n", ""]


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
    (found,) = printed(*outputs)
    assert fault in found


def test_a_block_of_unknown_use_is_an_error() -> None:
    with pytest.raises(ValueError, match="found a block of python"):
        part("```python\nx = 1\n```\n")
