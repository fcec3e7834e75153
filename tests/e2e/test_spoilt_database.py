"""A damaged database of Home Assistant. These tests run last, because the statistics are gone."""

from __future__ import annotations

import pytest

from tests.e2e.gateway import Gateway
from tests.e2e.meter import Meter
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.e2e

NAME, PAGE = "recorder-corrupt", 4096  # bytes
MOVED_S, LISTED_S = 30.0, 30.0


def is_listed(home: Gateway, *copies: str) -> None:
    """Let provision look again, and wait until exactly these copies are problems."""
    home.restart("hems")  # its first look is at once
    home.hems.until_settled()

    def subjects() -> tuple[str, ...]:
        return tuple(subject for name, subject in home.hems.problems() if name == NAME)

    eventually(lambda: subjects() == copies, LISTED_S, f"problems: {copies}")


def test_a_damaged_database_is_listed_until_its_copy_is_deleted(
    home: Gateway, meter: Meter
) -> None:
    config = home.home_assistant.config
    home.stop("homeassistant")
    with (config / "home-assistant_v2.db").open("r+b") as database:
        database.write(b"\xff" * PAGE)
    home.start("homeassistant")
    home.home_assistant.wait()

    def copies() -> list[str]:
        return [path.name for path in config.glob("home-assistant_v2.db.corrupt.*")]

    eventually(lambda: len(copies()) == 1, MOVED_S, "Home Assistant puts it aside")
    [copy] = copies()
    is_listed(home, copy)
    (config / copy).unlink()
    is_listed(home)
