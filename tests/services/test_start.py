"""What runs before Home Assistant: defaults, the token as a variable, and never a failure."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from start import Places, main

TOKEN = "made once"


@pytest.fixture
def places(tmp_path: Path) -> Places:
    found = Places(*(tmp_path / field.name for field in fields(Places)))
    for field in fields(Places):
        Path(tmp_path, field.name).mkdir()
    Path(found.image, "configuration.yaml").write_text("v1")
    return found


def secret(places: Places) -> Path:
    return places.secrets / "INFLUX_TOKEN"


def variable(places: Places) -> Path:
    return places.environment / "INFLUX_TOKEN"


def test_nothing_is_said_when_all_is_well(
    places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    main(places)
    assert not capsys.readouterr().err


def test_the_defaults_are_on_the_volume(places: Places) -> None:
    main(places)
    assert Path(places.volume, "configuration.yaml").read_text() == "v1"


def test_the_token_that_the_gateway_made_becomes_a_variable(places: Places) -> None:
    secret(places).write_text(f"{TOKEN}\n")
    main(places)
    assert variable(places).read_text() == TOKEN
    assert variable(places).stat().st_mode & 0o777 == 0o600


def test_a_variable_that_was_given_stays(places: Places) -> None:
    secret(places).write_text(TOKEN)
    variable(places).write_text("given")
    main(places)
    assert variable(places).read_text() == "given"


def test_an_empty_variable_was_not_given(places: Places) -> None:
    secret(places).write_text(TOKEN)
    variable(places).write_text("\n")
    main(places)
    assert variable(places).read_text() == TOKEN


def test_before_there_is_a_token_no_variable_is_made(places: Places) -> None:
    main(places)
    assert not variable(places).exists()


def test_coordinators_get_their_links(places: Places) -> None:
    interface = places.ttys / "usb/1-1:1.0"
    interface.mkdir(parents=True)
    Path(interface, "bInterfaceNumber").write_text("00\n")
    Path(places.ttys, "usb/product").write_text("Stick\n")
    Path(places.ttys, "ttyACM0").mkdir()
    Path(places.ttys, "ttyACM0/device").symlink_to(interface)
    main(places)
    link = places.devices / "serial/by-id/usb-Stick-if00"
    assert link.readlink() == places.devices / "ttyACM0"


def test_a_step_that_fails_is_told_and_the_others_are_taken(
    places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(places.volume, ".smartcore-defaults.json").mkdir()
    secret(places).write_text(TOKEN)
    main(places)
    assert capsys.readouterr().err.startswith("gateway: bring_defaults failed:\n")
    assert variable(places).read_text() == TOKEN


def test_a_kept_edit_is_one_line_of_the_containers_log(
    places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(places.volume, "configuration.yaml").write_text("mine")
    main(places)
    said = capsys.readouterr().err
    assert said.startswith("gateway: configuration.yaml was edited")
    assert said.count("\n") == 1
