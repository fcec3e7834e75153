"""A configuration that makes no sense ends start-up with one clear line and exit code 78."""

import socket

import pytest

from tests.integration.supervision.rig import PLUGIN, WORKER, Rig, program

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("unit", "line"),
    [
        (
            "Type=notify WatchdogSecs=30",
            "[program:led] UNIT: unknown directive 'WatchdogSecs', did you mean WatchdogSec?",
        ),
        ("Type=daemon", "[program:led] UNIT: Type: found 'daemon', expected simple or exec or"),
        ("After=ledd", "[program:led] UNIT: depends on unknown unit 'ledd', did you mean led?"),
        (
            "Requires=led",
            "[program:led] UNIT: After, Before, Requires and BindsTo form a cycle: led > led",
        ),
    ],
)
def test_a_malformed_unit_is_one_line(rig: Rig, unit: str, line: str) -> None:
    rig.start(program("led", WORKER, unit))
    expect_refusal(rig, line)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("heartbeat =", "heartbeats =", "unknown option 'heartbeats', did you mean heartbeat?"),
        ("notify_socket = ", "notify_socket = /no/such/folder", "found no folder /no/such"),
        ("heartbeat = ", "guard_sec = never ;", "guard_sec: found 'never', expected a time"),
    ],
)
def test_a_bad_option_is_one_line(rig: Rig, old: str, new: str, line: str) -> None:
    rig.start(program("led", WORKER), plugin=PLUGIN.replace(old, new))
    expect_refusal(rig, line)


def test_two_http_servers_are_refused(rig: Rig) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    second = f"\n[inet_http_server]\nport = 127.0.0.1:{port}\n"
    rig.start(program("led", WORKER), plugin=PLUGIN + second)
    expect_refusal(rig, "found 2 HTTP servers, expected only [unix_http_server]")


def expect_refusal(rig: Rig, line: str) -> None:
    rig.until(rig.is_over)
    assert rig.process is not None
    assert rig.process.returncode == 78
    assert len(rig.output().splitlines()) == 1
    assert line in rig.output()
    assert not list(rig.folder.glob("*.sock*"))
    assert "spawned" not in rig.log()
