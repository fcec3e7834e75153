import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.supervision.processes.process_environment import environment, matching, parse_file
from hems.supervision.settings.process_settings import EnvironmentSettings, PathEntry


def test_later_sources_replace_earlier_ones(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("B=file\nC=file\n")
    settings = EnvironmentSettings(
        variables=((("A", "unit"), ("B", "unit")),),
        files=(PathEntry(str(file)), PathEntry("/no/such/file", is_optional=True)),
        unset=(("D", "A=other"),),
    )
    variables = environment(settings, {"A": "0", "D": "0", "E": "0"}, {})
    assert variables == {"A": "unit", "B": "file", "C": "file", "E": "0"}


def test_only_what_is_passed_is_inherited_besides_the_units_own() -> None:
    settings = EnvironmentSettings(passed=("PATH", "HEMS_*"))
    inherited = {
        "PATH": "/bin",
        "HEMS_A": "1",
        "SECRET": "2",
        "OWN": "3",
        "SUPERVISOR_ENABLED": "1",
    }
    variables = environment(settings, inherited, {"OWN": "3"})
    assert variables.keys() == {"PATH", "HEMS_A", "OWN", "SUPERVISOR_ENABLED"}


def test_a_file_without_an_end_is_refused() -> None:
    settings = EnvironmentSettings(files=(PathEntry("/dev/zero"),))
    with pytest.raises(ValueError, match="/dev/zero: expected at most 1048576 characters"):
        environment(settings, {}, {})


def test_a_missing_file_is_an_error() -> None:
    settings = EnvironmentSettings(files=(PathEntry("/no/such/file"),))
    with pytest.raises(FileNotFoundError):
        environment(settings, {}, {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A=1", {"A": "1"}),
        ("\n# B=2\n; C=3\n  A=1  \n", {"A": "1"}),
        ("A=one two  \nB=", {"A": "one two", "B": ""}),
        ("A='one # two  '", {"A": "one # two  "}),
        ('A="x\\"y\\\\z\\n"', {"A": 'x"y\\z\\n'}),
        ("A='x\\y'", {"A": "x\\y"}),
        ("A=x\\\ny\nB=2", {"A": "xy", "B": "2"}),
        ('A="two\nlines"\nB=2', {"A": "two\nlines", "B": "2"}),
        ("A=it\\'s", {"A": "it's"}),
        ("A='b'\"c\"d", {"A": "bcd"}),
        ("A=b=c", {"A": "b=c"}),
    ],
)
def test_a_file_is_read_as_systemd_reads_it(text: str, expected: dict[str, str]) -> None:
    assert dict(parse_file(text)) == expected


def test_a_wrong_line_is_named_without_what_it_says() -> None:
    with pytest.raises(ValueError, match=r"^line 3: expected VARIABLE=value$"):
        dict(parse_file('A="one\ntwo"\nhunter2\n'))


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert all(name.isidentifier() for name, _ in parse_file(text))


def test_a_pattern_matches_whole_names() -> None:
    assert matching({"MQTT_USER": "1", "MY_MQTT_USER": "2"}, ["MQTT_*"]) == {"MQTT_USER": "1"}
