from pathlib import Path

from hems.system.captive_portal import CaptivePortal


def test_the_passphrase_is_not_shown() -> None:
    shown = repr(CaptivePortal(Path("/opt"), Path("/bus"), "HEMS", 8042, "only in tests"))
    assert "HEMS" in shown
    assert "only in tests" not in shown


def test_a_portal_that_was_not_opened_has_not_ended() -> None:
    portal = CaptivePortal(Path("/opt"), Path("/bus"), "HEMS", 8042)
    assert not portal.is_open
    assert portal.end() is None
