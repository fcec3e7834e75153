"""The start before Home Assistant: default files, owner, stores, token, and what a failure does."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import owner
import pytest
import start
from pytest_mock import MockerFixture
from start import Paths, main

TOKEN = "made-once"
RELEASE = "2026.10.4"


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """Yield the places of a Home Assistant that has its owner."""
    places = Paths(*(tmp_path / field.name for field in fields(Paths)))
    for field in fields(Paths):
        Path(tmp_path, field.name).mkdir()
    Path(places.image, "configuration.yaml").write_text("v1")
    store(places, "auth").parent.mkdir()
    store(places, "auth").write_text(json.dumps({"data": {"users": [{"is_owner": True}]}}))
    return places


def store(paths: Paths, name: str) -> Path:
    return paths.volume / ".storage" / name


def secret(paths: Paths) -> Path:
    return paths.secrets / "INFLUX_TOKEN"


def variable(paths: Paths) -> Path:
    return paths.environment / "INFLUX_TOKEN"


def entries(paths: Paths) -> list[dict[str, Any]]:
    document = json.loads(store(paths, "core.config_entries").read_bytes())
    return [entry["data"] for entry in document["data"]["entries"]]


def test_a_start_without_problems_logs_nothing(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(paths, RELEASE) == 0
    assert not capsys.readouterr().err


def test_the_defaults_are_on_the_volume(paths: Paths) -> None:
    main(paths, RELEASE)
    assert Path(paths.volume, "configuration.yaml").read_text() == "v1"


def test_only_root_may_look_into_the_volume(paths: Paths) -> None:
    for mode in (0o755, 0o777):
        paths.volume.chmod(mode)
        main(paths, RELEASE)
        assert paths.volume.stat().st_mode & 0o777 == 0o700


def test_the_token_that_the_gateway_made_is_given_on(paths: Paths) -> None:
    secret(paths).write_text(f"{TOKEN}\n")
    main(paths, RELEASE)
    assert variable(paths).read_text() == TOKEN
    assert variable(paths).stat().st_mode & 0o777 == 0o600
    assert [one["token"] for one in entries(paths)] == [TOKEN]
    assert store(paths, "core.config_entries").stat().st_mode & 0o777 == 0o600


def test_a_variable_with_a_value_counts(paths: Paths) -> None:
    secret(paths).write_text(TOKEN)
    variable(paths).write_text("chosen-by-a-person\n")
    main(paths, RELEASE)
    assert [one["token"] for one in entries(paths)] == [variable(paths).read_text()]
    assert variable(paths).read_text() == "chosen-by-a-person"


@pytest.mark.parametrize(
    "wrong", [b"short", b"white space", b"caf\xc3\xa9caf\xc3\xa9", b"x" * 257, b"\n"]
)
def test_a_wrong_variable_is_replaced_by_the_token_in_force(paths: Paths, wrong: bytes) -> None:
    secret(paths).write_text(TOKEN)
    variable(paths).write_bytes(wrong)
    main(paths, RELEASE)
    assert variable(paths).read_text() == TOKEN
    assert [one["token"] for one in entries(paths)] == [TOKEN]


def test_without_a_token_there_is_no_variable(paths: Paths) -> None:
    main(paths, RELEASE)
    assert not variable(paths).exists()
    assert [one["token"] for one in entries(paths)] == ["not-made-yet"]


def test_a_new_token_comes_into_the_entry_and_nothing_else_changes(paths: Paths) -> None:
    for token in ("the-first", "the-first", "the-second"):
        secret(paths).write_text(token)
        main(paths, RELEASE)
        assert [one["token"] for one in entries(paths)] == [token]
        variable(paths).unlink()  # another container
    store(paths, "core.config_entries").write_text("{")
    assert main(paths, RELEASE) == 0
    assert store(paths, "core.config_entries").read_text() == "{"  # Home Assistant puts it aside


def test_an_entry_for_another_database_is_left_alone(paths: Paths) -> None:
    main(paths, RELEASE)
    document = json.loads(store(paths, "core.config_entries").read_bytes())
    document["data"]["entries"][0]["data"]["url"] = "http://nas.home:8086"
    store(paths, "core.config_entries").write_text(json.dumps(document))
    secret(paths).write_text(TOKEN)
    main(paths, RELEASE)
    assert [one["token"] for one in entries(paths)] == ["not-made-yet"]


@pytest.mark.parametrize(("host", "number"), [("172.18.4.3", 1), ("nas.home", 0)])
def test_an_edited_file_keeps_its_other_database(paths: Paths, host: str, number: int) -> None:
    text = f"http:\n  use_x_forwarded_for: true\ninfluxdb:\n  host: {host}\n  precision: ms\n"
    Path(paths.volume, "configuration.yaml").write_text(text)
    main(paths, RELEASE)
    assert store(paths, "core.config_entries").exists() == bool(number)
    edited = Path(paths.volume, "configuration.yaml").read_text()
    assert "\nhttp:" not in f"\n{edited}"
    assert (f"\n  host: {host}\n" in edited) == (not number)


def test_a_release_that_reads_its_file_gets_no_entry_and_keeps_it(paths: Paths) -> None:
    text = "http:\n  use_x_forwarded_for: true\n"
    Path(paths.volume, "configuration.yaml").write_text(text)
    main(paths, "2025.3.4")
    assert Path(paths.volume, "configuration.yaml").read_text() == text
    assert not store(paths, "core.config_entries").exists()


def test_home_assistant_imports_what_bounds_its_log_and_its_bans(paths: Paths) -> None:
    main(paths, RELEASE)
    assert Path(paths.environment, "PYTHONPATH").read_text() == str(paths.python)
    assert Path(start.__file__).with_name("python").joinpath("sitecustomize.py").exists()


def test_coordinators_get_their_links(paths: Paths) -> None:
    interface = paths.ttys / "usb/1-1:1.0"
    interface.mkdir(parents=True)
    Path(interface, "bInterfaceNumber").write_text("00\n")
    Path(paths.ttys, "usb/product").write_text("Stick\n")
    Path(paths.ttys, "ttyACM0").mkdir()
    Path(paths.ttys, "ttyACM0/device").symlink_to(interface)
    main(paths, RELEASE)
    link = paths.devices / "serial/by-id/usb-Stick-if00"
    assert link.readlink() == paths.devices / "ttyACM0"


def test_a_step_that_fails_is_logged_and_the_others_run(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(paths.volume, ".smartcore-defaults.json").mkdir()
    secret(paths).write_text(TOKEN)
    assert main(paths, RELEASE) == 0
    assert capsys.readouterr().err.startswith("gateway: install_defaults failed:\n")
    assert variable(paths).read_text() == TOKEN


def test_a_kept_edit_is_one_line_in_the_log(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(paths.volume, "configuration.yaml").write_text("mine")
    main(paths, RELEASE)
    said = capsys.readouterr().err
    assert said.startswith("gateway: configuration.yaml has your edits")
    assert said.count("\n") == 1


def test_without_an_owner_and_a_login_it_does_not_start_and_is_closed(
    paths: Paths, mocker: MockerFixture
) -> None:
    store(paths, "auth").unlink()
    mocker.patch.object(start, "LOGIN_S", 0)
    create = mocker.patch.object(owner, "create")
    assert main(paths, RELEASE) == 1
    create.assert_not_called()
    assert json.loads(store(paths, "onboarding").read_bytes())["data"] == {"done": ["user"]}


def test_the_owner_has_the_login_that_the_gateway_keeps(
    paths: Paths, mocker: MockerFixture
) -> None:
    whole = store(paths, "auth").read_bytes()
    store(paths, "auth").unlink()
    for name, value in {
        "CONFIG_USER": "admin",
        "CONFIG_PASSWORD": "p w",
        "INFLUX_TOKEN": TOKEN,
    }.items():
        Path(paths.secrets, name).write_text(value)
    made: list[tuple[str, str]] = []

    def create(_volume: Path, login: tuple[str, str]) -> None:
        assert store(paths, "onboarding").exists()
        made.append(login)
        store(paths, "auth").write_bytes(whole)

    mocker.patch.object(owner, "create", create)
    for _ in range(2):
        assert main(paths, RELEASE) == 0
        assert made == [("admin", "p w")]
