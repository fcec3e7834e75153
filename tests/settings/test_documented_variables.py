"""Every variable that README.md offers is checked: a wrong value is a mistake that names it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import hems
from hems.settings.load import read
from hems.settings.validation_problems import DEFAULT, shown
from tests.settings.test_hostile_variables import SERVICES, SETTINGS

README = (Path(hems.__file__).parents[1] / "README.md").read_text(encoding="utf-8")
TABLE = README.partition("| variable | meaning | default |\n")[2].partition("\n\n")[0]
NAMES = re.findall(
    r"`([A-Z][A-Z0-9_]+)`", " ".join(row.split("|")[1] for row in TABLE.splitlines())
)
REDIRECT = "NGINX_HTTPS_REDIRECT"


def test_the_table_has_variables() -> None:
    assert {"CONFIG_PASSWORD", "MQTT_PASSWORD", REDIRECT, "WIFI_PORTAL_PASSPHRASE"} <= {*NAMES}
    assert "`HEMS_<SECTION>_<NAME>`" in TABLE


@pytest.mark.parametrize("variable", [*NAMES, *SETTINGS, *SERVICES])
def test_a_wrong_value_of_a_documented_variable_is_a_mistake(toml: Path, variable: str) -> None:
    problems = read(toml, {variable: "\udcff"}).problems
    assert problems
    assert all(problem.text.startswith(variable) for problem in problems)


@pytest.mark.parametrize("value", ["", "true", "Yes", "1", "false", "NO", "0"])
def test_a_switch_has_three_words_for_each_of_its_positions(toml: Path, value: str) -> None:
    settings = read(toml, {REDIRECT: value})
    assert settings.problems == ()
    assert settings.are_pages_on_http is (value.lower() in {"false", "no", "0"})


@pytest.mark.parametrize("value", ["off", '"', "a\\", "$x", "false\n", "nofalse", " 0"], ids=ascii)
def test_another_value_redirects_as_the_default_does(toml: Path, value: str) -> None:
    settings = read(toml, {REDIRECT: value})
    [problem] = settings.problems
    assert problem.text == f"{REDIRECT}: found {shown(value)}, expected true or false"
    assert problem.instead == DEFAULT
    assert not settings.are_pages_on_http


PATHS = [name for name in SETTINGS if name.endswith(("_DIRECTORY", "_FILE", "_BUS", "_HEARTBEAT"))]


@pytest.mark.parametrize("variable", PATHS)
@pytest.mark.parametrize("value", ["", "relative/path"])
def test_a_path_begins_with_a_slash(toml: Path, variable: str, value: str) -> None:
    [problem] = read(toml, {variable: value}).problems
    assert problem.text == f"{variable}: found {value!r}, expected a path that begins with /"
