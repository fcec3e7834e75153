"""The start before Home Assistant: default files, the token as a variable, and no failure."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from start import Paths, main

TOKEN = "made once"


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    found = Paths(*(tmp_path / field.name for field in fields(Paths)))
    for field in fields(Paths):
        Path(tmp_path, field.name).mkdir()
    Path(found.image, "configuration.yaml").write_text("v1")
    return found


def secret(paths: Paths) -> Path:
    return paths.secrets / "INFLUX_TOKEN"


def variable(paths: Paths) -> Path:
    return paths.environment / "INFLUX_TOKEN"


def test_a_start_without_problems_logs_nothing(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    main(paths)
    assert not capsys.readouterr().err


def test_the_defaults_are_on_the_volume(paths: Paths) -> None:
    main(paths)
    assert Path(paths.volume, "configuration.yaml").read_text() == "v1"


def test_the_token_that_the_gateway_made_becomes_a_variable(paths: Paths) -> None:
    secret(paths).write_text(f"{TOKEN}\n")
    main(paths)
    assert variable(paths).read_text() == TOKEN
    assert variable(paths).stat().st_mode & 0o777 == 0o600


def test_a_variable_with_a_value_stays(paths: Paths) -> None:
    secret(paths).write_text(TOKEN)
    variable(paths).write_text("chosen-by-a-person")
    main(paths)
    assert variable(paths).read_text() == "chosen-by-a-person"


@pytest.mark.parametrize("wrong", [b"short", b"white space", b"caf\xc3\xa9caf\xc3\xa9", b"x" * 257])
def test_a_wrong_variable_is_replaced_by_the_token_in_force(paths: Paths, wrong: bytes) -> None:
    secret(paths).write_text(TOKEN)
    variable(paths).write_bytes(wrong)
    main(paths)
    assert variable(paths).read_text() == TOKEN


def test_an_empty_variable_is_replaced(paths: Paths) -> None:
    secret(paths).write_text(TOKEN)
    variable(paths).write_text("\n")
    main(paths)
    assert variable(paths).read_text() == TOKEN


def test_without_a_token_there_is_no_variable(paths: Paths) -> None:
    main(paths)
    assert not variable(paths).exists()


def test_coordinators_get_their_links(paths: Paths) -> None:
    interface = paths.ttys / "usb/1-1:1.0"
    interface.mkdir(parents=True)
    Path(interface, "bInterfaceNumber").write_text("00\n")
    Path(paths.ttys, "usb/product").write_text("Stick\n")
    Path(paths.ttys, "ttyACM0").mkdir()
    Path(paths.ttys, "ttyACM0/device").symlink_to(interface)
    main(paths)
    link = paths.devices / "serial/by-id/usb-Stick-if00"
    assert link.readlink() == paths.devices / "ttyACM0"


def test_a_step_that_fails_is_logged_and_the_others_run(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(paths.volume, ".smartcore-defaults.json").mkdir()
    secret(paths).write_text(TOKEN)
    main(paths)
    assert capsys.readouterr().err.startswith("gateway: install_defaults failed:\n")
    assert variable(paths).read_text() == TOKEN


def test_a_kept_edit_is_one_line_in_the_log(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(paths.volume, "configuration.yaml").write_text("mine")
    main(paths)
    said = capsys.readouterr().err
    assert said.startswith("gateway: configuration.yaml has your edits")
    assert said.count("\n") == 1
