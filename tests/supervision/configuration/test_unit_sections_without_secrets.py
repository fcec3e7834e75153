from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from hems.supervision.configuration.setting_places import SettingPlaces
from hems.supervision.configuration.unit_sections_without_secrets import as_written

TEXT = """[program:a]
command = a
; a comment that explains, with no setting
; environment = PASSWORD="hush"
# use PASSWORD=hush here
environment = PASSWORD="hush",
  UNIT="..."
user = led

[program:b]
command = b
"""
VARIABLES = {
    "PASSWORD": "hush",
    "UNIT": "Type=notify SetCredential=k:hush 'SetCredential=k:hush hush' After=b "
    "Environment='A=hush hush' 'Environment=A=hush'",
}
SECRETS = [
    "SetCredential=k:'hush hush'",
    '"SetCredential=k:hush hush"',
    r"SetCredential=k:hush\ hush",
    "Set'Credential'=k:hush",
    "SetCredential=k:'hush hush",
    'SetCredential=k:"hush hush',
]


def shown(
    folder: Path, text: str = TEXT, variables: Mapping[str, str] = MappingProxyType(VARIABLES)
) -> str:
    file = folder / "main.conf"
    file.write_text(text)
    places = SettingPlaces()
    places.add(file, text)
    return as_written("program:a", places, variables).replace(f"{folder}/", "")


def test_a_section_is_shown_as_written_without_secrets(tmp_path: Path) -> None:
    assert shown(tmp_path).splitlines() == [
        "# main.conf:1",
        "[program:a]",
        "command = a",
        "; a comment that explains, with no setting",
        "; environment =***",
        "# use PASSWORD=***",
        'environment = PASSWORD="***",UNIT="Type=notify SetCredential=*** SetCredential=*** '
        'After=b Environment=*** Environment=***"',
        "user = led",
    ]


@pytest.mark.parametrize("text", SECRETS)
def test_no_quotes_make_a_secret_visible(tmp_path: Path, text: str) -> None:
    line = shown(tmp_path, variables={"UNIT": f"Type=notify {text}"})
    assert "UNIT=" in line
    assert "hush" not in line


def test_a_value_in_quotes_at_the_end_is_shown(tmp_path: Path) -> None:
    assert "RestartSec='1min 2s'\"" in shown(tmp_path, variables={"UNIT": "RestartSec='1min 2s"})


def test_a_section_that_occurs_twice_is_shown_twice(tmp_path: Path) -> None:
    assert shown(tmp_path, f"{TEXT}[program:a]\nuser = x\n").endswith(
        "\n\n# main.conf:12\n[program:a]\nuser = x"
    )
