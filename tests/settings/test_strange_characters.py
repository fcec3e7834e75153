"""A character that no setting may have is named by its kind, and a secret is never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from hems.settings.load import read
from hems.settings.validation_problems import shown, strange
from tests.settings.test_hostile_variables import OTHERS, SETTINGS

KINDS = {
    "4\udcff8": "a byte that is not UTF-8",
    "a\nb": "a line break",
    "a\tb": "a tab",
    "a\0b": "a control character",
    "a\x1b[1mb": "a control character",
    "a\u200bb": "an invisible character",
    "a\u00a0b": "an invisible character",
}
SECRET = "hunter2hunter2"


@pytest.mark.parametrize(("text", "kind"), KINDS.items(), ids=ascii)
def test_the_kind_of_a_strange_character_is_named(text: str, kind: str) -> None:
    assert strange(text) == kind
    assert strange(f"{text}\udcff") == kind  # the first one


def test_any_other_text_has_no_strange_character() -> None:
    assert strange("pässwörd: #1 $ €") == ""


@pytest.mark.parametrize(("text", "kind"), KINDS.items(), ids=ascii)
@pytest.mark.parametrize(
    "variable",
    [
        name
        for name in OTHERS
        if name not in ("D2L_DEVICES", "MQTT_USERS", "NGINX_HTTPS_REDIRECT")
        and not name.startswith(("BALENA_APP", "BALENA_SUPERVISOR_ADD"))
    ],
)
def test_a_variable_with_one_says_so(toml: Path, variable: str, text: str, kind: str) -> None:
    balena = {
        "BALENA_SUPERVISOR_ADDRESS": "http://127.0.0.1:48484",
        "BALENA_SUPERVISOR_API_KEY": "0123456789",
        "BALENA_APP_ID": "1",
        "BALENA_APP_NAME": "app",
    }
    value = f"mqtts://u:{SECRET}{text}@h" if variable == "MQTT_BRIDGE" else f"{SECRET}{text}"
    [problem] = read(toml, {**balena, variable: value}).problems
    assert f"{variable} has {kind}" in problem.text.replace(": found", " has")
    assert "hunter" not in problem.text
    assert "udc" not in problem.line


def test_a_password_of_a_device_with_one_says_so(toml: Path) -> None:
    [problem] = read(toml, {"MQTT_USERS": f"plug:{SECRET}\udcff"}).problems
    assert problem.text == (
        "MQTT_USERS: user 1: the password has a byte that is not UTF-8: remove it"
    )


@pytest.mark.parametrize(("text", "kind"), KINDS.items(), ids=ascii)
def test_a_text_of_the_settings_with_one_says_so(toml: Path, text: str, kind: str) -> None:
    [problem] = read(toml, {"HEMS_HOME_ASSISTANT_LOCATION": text}).problems
    assert problem.text.endswith(f"expected text without {kind}")


def test_every_text_of_the_settings_refuses_them(toml: Path) -> None:
    for variable in SETTINGS:
        [problem] = read(toml, {variable: "/a\udcffb"}).problems
        assert problem.text.startswith(f"{variable}: found '/a\\xffb', expected ")


def test_a_byte_that_is_not_utf_8_is_shown_as_the_byte() -> None:
    assert shown("4\udcff8") == r"'4\xff8'"
    assert shown("é") == "'é'"
    assert shown(r"\udcff") == r"'\\udcff'"  # a person's own text
