from pathlib import Path

import pytest

from hems.system.user_command_file import CommandReader, CommandWriter

NAMES = ("blink_leds", "restart_mqtt")
BLINK, RESTART = "hems/command/blink_leds", "hems/command/restart_mqtt"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "commands.json"


def test_each_reader_takes_a_command_once_and_again_when_it_is_given_again(path: Path) -> None:
    writer = CommandWriter(path, NAMES)
    readers = [CommandReader(path, NAMES), CommandReader(path, NAMES)]
    for now in (100.0, 200.0):
        assert [reader.take(now) for reader in readers] == [{}, {}]
        writer.take(BLINK, b"PRESS", now + 1)
        assert [reader.take(now + 2) for reader in readers] == [{"blink_leds": "PRESS"}] * 2
        assert [reader.take(now + 3) for reader in readers] == [{}, {}]


def test_one_command_does_not_repeat_another(path: Path) -> None:
    writer, reader = CommandWriter(path, NAMES), CommandReader(path, NAMES)
    reader.take(100.0)
    writer.take(BLINK, b"PRESS", 101.0)
    assert reader.take(102.0) == {"blink_leds": "PRESS"}
    writer.take(RESTART, b"PRESS", 103.0)
    assert reader.take(104.0) == {"restart_mqtt": "PRESS"}


def test_a_worker_takes_only_its_own_commands(path: Path) -> None:
    writer, reader = CommandWriter(path, NAMES), CommandReader(path, NAMES[1:])
    reader.take(100.0)
    writer.take(BLINK, b"PRESS", 101.0)
    writer.take(RESTART, b"PRESS", 101.0)
    assert reader.take(102.0) == {"restart_mqtt": "PRESS"}


def test_a_command_is_not_executed_after_a_minute_or_after_a_restart(
    path: Path, lines: list[str]
) -> None:
    writer = CommandWriter(path, NAMES)
    in_time, late = CommandReader(path, NAMES), CommandReader(path, NAMES)
    assert (in_time.take(100.0), late.take(100.0)) == ({}, {})
    writer.take(BLINK, b"PRESS", 101.0)
    assert in_time.take(161.0) == {"blink_leds": "PRESS"}
    assert lines == []
    assert [late.take(161.1), late.take(163.1)] == [{}, {}]
    assert lines == ["WARNING a command was too old: blink_leds"]
    assert CommandReader(path, NAMES).take(102.0) == {}


def test_what_is_no_command_is_ignored(path: Path) -> None:
    writer, reader = CommandWriter(path, NAMES), CommandReader(path, NAMES)
    reader.take(100.0)
    for topic, payload in (
        ("hems/command/reboot", b"PRESS"),
        (BLINK, b""),
        (BLINK, b"\xff"),
        (BLINK, b"two\nlines"),
        (BLINK, b"x" * 256),
    ):
        writer.take(topic, payload, 101.0)
    assert not path.exists()
    writer.take(BLINK, b"x" * 255, 101.0)
    assert reader.take(102.0) == {"blink_leds": "x" * 255}


def test_a_damaged_file_is_logged_once_and_ends_nothing(path: Path, lines: list[str]) -> None:
    reader = CommandReader(path, NAMES)
    reader.take(100.0)
    path.write_text("[")
    assert [reader.take(101.0), reader.take(102.0)] == [{}, {}]
    assert len(lines) == 1
    CommandWriter(path, NAMES).take(BLINK, b"PRESS", 103.0)
    assert reader.take(104.0) == {"blink_leds": "PRESS"}


def test_a_folder_that_is_missing_is_logged_once(tmp_path: Path, lines: list[str]) -> None:
    writer = CommandWriter(tmp_path / "missing" / "commands.json", NAMES)
    writer.take(BLINK, b"PRESS", 1.0)
    writer.take(BLINK, b"PRESS", 2.0)
    assert len(lines) == 1
