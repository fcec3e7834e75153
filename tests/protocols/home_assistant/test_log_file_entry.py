import pytest

from hems.protocols.home_assistant.log_file_entry import LogEntry, entry

HEAD = "2026-11-23 08:37:16.991"


@pytest.mark.parametrize(
    ("level", "is_error"),
    [("DEBUG", False), ("INFO", False), ("WARNING", False), ("ERROR", True), ("CRITICAL", True)],
)
def test_the_level_decides(level: str, is_error: bool) -> None:
    logged = entry(f"{HEAD} {level} (MainThread) [homeassistant.components.mqtt] a message")
    assert logged == LogEntry(level, "homeassistant.components.mqtt")
    assert logged.is_error is is_error


@pytest.mark.parametrize("thread", ["MainThread", "SyncWorker_12", "Thread-3 [x]", ""])
def test_any_thread_may_speak(thread: str) -> None:
    assert entry(f"{HEAD} ERROR ({thread}) [a.b] x") == LogEntry("ERROR", "a.b")


def test_a_time_may_have_an_offset() -> None:
    assert entry(f"{HEAD}+01:00 ERROR (MainThread) [a.b] x") == LogEntry("ERROR", "a.b")


def test_a_message_that_speaks_of_errors_is_none() -> None:
    logged = entry(f"{HEAD} INFO (MainThread) [a.b] {HEAD} ERROR (MainThread) [c.d] x")
    assert logged is not None
    assert not logged.is_error


@pytest.mark.parametrize(
    "line",
    [
        "",
        "Traceback (most recent call last):",
        "ERROR (MainThread) [a.b] x",
        f" {HEAD} ERROR (MainThread) [a.b] x",
        f"{HEAD} ERROR [a.b] x",
        f"{HEAD} ERROR (MainThread) x",
        f"{HEAD} error (MainThread) [a.b] x",
        "2026-11-23 08:37:16 ERROR (MainThread) [a.b] x",
        "ValueError: ERROR",
    ],
)
def test_a_line_that_begins_no_entry(line: str) -> None:
    assert entry(line) is None


def test_a_broken_byte_in_the_message_does_not_hide_the_level() -> None:
    line = f"{HEAD} ERROR (MainThread) [a.b] ".encode() + b"\xff\xfe\x00"
    logged = entry(line.decode("utf-8", "replace"))
    assert logged == LogEntry("ERROR", "a.b")
