"""Failures that no service reports itself, made in the real Home Assistant and behind nginx."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hems.clients.http import HttpClient
from hems.workers.provision.observations.web_pages import HOME_ASSISTANT, WebPages
from tests.deploy.client import PASSWORD, USER
from tests.deploy.lan import PROXY
from tests.e2e.gateway import Gateway
from tests.e2e.meter import Meter
from tests.e2e.visitor import Visitor
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.e2e

LISTED_S, MADE_S = 90.0, 60.0  # provision looks at files once a minute
BAN = f"{PROXY}:\n  banned_at: '2026-11-20T10:00:00.000000+00:00'\n"
BANNED, RECOVERY = ("gateway-banned", PROXY), ("home-assistant-recovery-mode", "")
SPOILT = ("storage-corrupt", "energy")


@pytest.fixture
def configuration(home: Gateway) -> Iterator[Path]:
    """Yield configuration.yaml, which is whole again afterwards."""
    path = home.home_assistant.config / "configuration.yaml"
    whole = path.read_bytes()
    yield path
    path.write_bytes(whole)


def start_with(home: Gateway, configuration: Path, text: str) -> None:
    """Start Home Assistant with another configuration.yaml."""
    home.stop("homeassistant")
    configuration.write_text(text)
    home.start("homeassistant")
    home.home_assistant.wait()


def is_listed(home: Gateway, *problems: tuple[str, str]) -> None:
    """Let provision look again, and wait until exactly these problems of Home Assistant are."""
    home.restart("hems")  # its first look is at once
    every = {BANNED, RECOVERY, SPOILT}
    eventually(
        lambda: every & home.hems.problems().keys() == set(problems), LISTED_S, str(problems)
    )


def failing_pages(home: Gateway) -> dict[str, str | None]:
    """Return what provision finds of the pages behind nginx now."""
    pages = WebPages(HttpClient("nginx", (PROXY, 80)), lambda: (USER, PASSWORD))
    failing = home.site.lan.house.call(lambda: list(pages.problems(0.0, 0.0)))
    return {problem.subject: problem.found for problem in failing}


def test_failures_of_home_assistant_are_listed_until_they_are_repaired(
    home: Gateway, owner: Visitor, meter: Meter, configuration: Path
) -> None:
    config, whole = home.home_assistant.config, configuration.read_text()
    eventually(lambda: owner.command("energy/get_prefs") is not None, MADE_S, "the dashboard")
    before = owner.command("energy/get_prefs")
    (config / "ip_bans.yaml").write_text(BAN)
    is_listed(home, BANNED)

    line = len(whole.splitlines()) + 1
    broken = f"{whole}light: [demo\n"
    start_with(home, configuration, broken)
    assert not (config / "ip_bans.yaml").read_text()
    is_listed(home, RECOVERY)
    cause = home.hems.problems()[RECOVERY]
    assert cause.startswith(f"configuration.yaml, line {line + 1}, column 1: "), cause

    home.stop("homeassistant")
    configuration.write_text(whole)
    http, trusting = config / ".storage" / "http", (config / ".storage" / "http").read_text()
    http.write_text(trusting.replace("172.18.4.4/32", "172.18.4.5/32"))
    home.start("homeassistant")
    home.home_assistant.wait()
    assert failing_pages(home)[HOME_ASSISTANT] == "it answers 400"

    home.stop("homeassistant")
    http.write_text(trusting)
    (config / ".storage" / "energy").write_text('{"version": 1, "data": {"energy_so')
    home.start("homeassistant")
    home.home_assistant.wait()
    assert HOME_ASSISTANT not in failing_pages(home)
    is_listed(home, SPOILT)
    eventually(lambda: owner.command("energy/get_prefs") == before, MADE_S, "it is made again")
    for copy in (config / ".storage").glob("energy.corrupt.*"):
        copy.unlink()
    is_listed(home)
    home.hems.until_settled()  # for whoever comes next
