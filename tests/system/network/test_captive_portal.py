"""The portal without its program; tests/integration/test_captive_portal.py starts one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from hems.errors import Unavailable
from hems.system.network import captive_portal
from hems.system.network.captive_portal import CaptivePortal


@dataclass
class Programs:
    """Replaces hems.system.subprocesses; `rules` are those that iptables keeps."""

    iptables_fails: bool = False
    session_fails: bool = False
    rules: list[str] = field(default_factory=list)

    def run(self, argv: Sequence[str], timeout_s: float) -> str:
        _, _, lock_s, _, _, command, _, *rule = argv
        assert float(lock_s) < timeout_s
        if self.iptables_fails or (command == "--check" and " ".join(rule) not in self.rules):
            raise Unavailable("iptables-legacy: no such table")
        if command == "--insert":
            self.rules.append(" ".join(rule))
        return ""

    def ProgramSession(self, *_: object) -> object:  # noqa: N802 - as the class is called
        if self.session_fails:
            raise Unavailable("wifi-connect cannot be started: No such file or directory")
        return object()


@pytest.fixture
def programs(mocker: MockerFixture) -> Programs:
    called = Programs()
    mocker.patch.object(captive_portal, "subprocesses", called)
    mocker.patch.object(captive_portal, "free_port", return_value=40000)
    mocker.patch.object(captive_portal, "PortalProxy")
    return called


@pytest.fixture
def portal() -> CaptivePortal:
    return CaptivePortal(Path("/opt"), Path("/bus"), "HEMS", 8042, lambda: "only in tests")


def test_the_passphrase_is_not_shown(portal: CaptivePortal) -> None:
    assert "HEMS" in repr(portal)
    assert "only in tests" not in repr(portal)


def test_a_portal_that_was_not_opened_has_not_ended(portal: CaptivePortal) -> None:
    assert not portal.is_open
    assert portal.end() is None


def test_phones_are_brought_to_an_open_portal(programs: Programs, portal: CaptivePortal) -> None:
    portal.open("wlan0")
    assert programs.rules == ["-d 192.168.42.1/32 -p tcp ! --dport 53 -j REDIRECT --to-ports 8042"]


def test_a_rule_that_fails_does_not_keep_it_shut(
    programs: Programs, portal: CaptivePortal, lines: list[str]
) -> None:
    programs.iptables_fails = True
    portal.open("wlan0")
    assert portal.is_open
    (line,) = lines
    assert line.startswith(
        "WARNING phones are not redirected to the page http://192.168.42.1:8042/: "
    )


def test_without_a_passphrase_there_is_no_portal(programs: Programs) -> None:
    portal = CaptivePortal(Path("/opt"), Path("/bus"), "HEMS", 8042, lambda: "")
    with pytest.raises(Unavailable, match="no passphrase yet: wait for provision"):
        portal.open("wlan0")
    assert not portal.is_open
    assert programs.rules == []


def test_no_rule_is_left_by_a_portal_that_cannot_be_opened(
    programs: Programs, portal: CaptivePortal
) -> None:
    programs.session_fails = True
    with pytest.raises(Unavailable, match="wifi-connect cannot be started"):
        portal.open("wlan0")
    assert not portal.is_open
    assert programs.rules == []
