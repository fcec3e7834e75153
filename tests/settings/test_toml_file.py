"""What a person reads who has made a mistake in hems.toml: one line with the line's number."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from hems.errors import ConfigError
from hems.settings.toml_file import document, file_content


def fault(path: Path) -> str:
    with pytest.raises(ConfigError) as raised:
        document(path, file_content(path))
    text = str(raised.value)
    assert "\n" not in text
    assert text.startswith(f"{path}: ")
    return text.removeprefix(f"{path}: ")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[mqtt]\nhost = "broker\nport = 1', "line 2: a quote is not closed; add"),
        ('[mqtt]\nhost = "broker', "line 2: a quote is not closed; add"),
        ("[mqtt]\nhost = 'broker\n", "line 2: a quote is not closed; add"),
        ('[mqtt]\nhost = "broker\r\nport = 1', "line 2: a quote is not closed; add"),
        ('a = """x\n\n', "line 1: a quote is not closed; add"),
        ("[mqtt\n", "line 1: a section's name is not closed; write [name]"),
        ("[mqtt]\nhost = broker\n", "line 2: not valid TOML: Invalid value; text needs quotes"),
        ("[mqtt]\nport =\n", "line 2: not valid TOML: Invalid value; text needs quotes"),
        ("[mqtt]\nport 1\n", "line 2: not valid TOML: Expected '='"),
        ("[mqtt]\n[mqtt]", "line 2: Cannot declare ('mqtt',) twice; a section or name"),
        ("a = 1\na = 2", "line 2: not valid TOML: Cannot overwrite a value; a name is there twice"),
        ("a = [1,\n2", "line 2: not valid TOML: Unclosed array; a list is not closed: add ]"),
        ("a = 1 b = 2", "line 1: not valid TOML: Expected newline"),
        ("a = " + "9" * 5000, "line 1: not valid TOML: Exceeds the limit"),
        ("a = " + "[" * 5000, "not valid TOML: nested too deeply"),
    ],
    ids=range(15),
)
def test_a_mistake_is_one_line_with_its_place(tmp_path: Path, text: str, line: str) -> None:
    path = tmp_path / "hems.toml"
    path.write_bytes(text.encode())
    assert fault(path).startswith(line)


def test_a_file_that_is_not_utf8_is_named_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "hems.toml"
    path.write_bytes(b"[mqtt]\n# caf\xe9\n")
    assert fault(path) == "line 2: not UTF-8; save the file as UTF-8"


def test_a_missing_file_and_a_folder_in_its_place_are_named(tmp_path: Path) -> None:
    advice = "HEMS_CONFIG can name another file"
    assert fault(tmp_path / "none") == f"cannot be read: No such file or directory; {advice}"
    assert fault(tmp_path) == f"cannot be read: Is a directory; {advice}"


def test_a_file_without_permission_is_named(tmp_path: Path, mocker: MockerFixture) -> None:
    (tmp_path / "hems.toml").touch()
    mocker.patch.object(Path, "read_bytes", side_effect=PermissionError(13, "Permission denied"))
    assert fault(tmp_path / "hems.toml").startswith("cannot be read: Permission denied; ")


def test_a_device_and_a_file_without_end_are_not_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="expected a file of up to 1000000 bytes"):
        file_content(Path("/dev/zero"))
    with (tmp_path / "hems.toml").open("wb") as file:
        file.truncate(10**12)
    assert fault(tmp_path / "hems.toml").startswith("expected a file of up to 1000000 bytes")


def test_a_correct_file_is_returned_as_a_document(tmp_path: Path) -> None:
    path = tmp_path / "hems.toml"
    path.write_text("[mqtt]\nport = 1")
    assert document(path, file_content(path)) == {"mqtt": {"port": 1}}
