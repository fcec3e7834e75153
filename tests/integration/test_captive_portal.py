"""The portal's program, its rule before Docker's, and what is left of both when it closes.

wifi-connect's place is taken by a program that writes down how it was started, starts a child
as wifi-connect starts dnsmasq, and listens on the address of its variables.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hems.errors import Unavailable
from hems.system.network.captive_portal import ADDRESS, CaptivePortal
from tests.integration.hotspot import ready
from tests.integration.namespaces import Namespace, is_running
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.integration

PASSPHRASE = "only in tests"
NGINX = "172.18.4.4"
# What dockerd does for a published port.
PUBLISHED = f"""\
*nat
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A DOCKER ! -i br-hems -p tcp -m tcp --dport 80 -j DNAT --to-destination {NGINX}:80
COMMIT
"""
PROGRAM = f"""\
#!{sys.executable}
import json, os, signal, socket, subprocess, sys
from pathlib import Path
child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
socket_ = socket.create_server(
    (os.environ["PORTAL_GATEWAY"], int(os.environ["PORTAL_LISTENING_PORT"])))
started = {{"argv": sys.argv[1:], "environ": dict(os.environ), "child": child.pid}}
unfinished = Path(__file__).with_name("unfinished")
unfinished.write_text(json.dumps(started))
unfinished.rename(unfinished.with_name("started"))
signal.sigwait({{signal.SIGTERM}})
"""


class Site:
    """A gateway with the portal's address on its radio, a phone, and Docker's rules.

    The portal ends with the thread that opened it: `gateway.call` what opens and closes it.
    """

    def __init__(self, directory: Path) -> None:
        self.started_file = directory / "started"
        program = directory / "wifi-connect"
        program.write_text(PROGRAM)
        program.chmod(0o755)
        self.portal = CaptivePortal(
            directory, Path("/a/bus"), "HEMS moon", 8042, lambda: PASSPHRASE
        )
        self.spaces = [Namespace(), Namespace()]
        self.gateway, self.phone = self.spaces
        ends = ["wlan0", "type", "veth", "peer", "name", "wlan0", "netns", str(self.phone.pid)]
        self.gateway.run("ip", "link", "add", *ends)
        for space, address in ((self.gateway, ADDRESS), (self.phone, "192.168.42.2")):
            space.run("ip", "address", "add", f"{address}/24", "dev", "wlan0")
            space.run("ip", "link", "set", "wlan0", "up")
        self.gateway.run("iptables-legacy-restore", "--noflush", text=PUBLISHED)

    def started(self) -> Any:
        eventually(self.started_file.exists, 10, "the program has started")
        return json.loads(self.started_file.read_text())

    def sees_page(self) -> bool:
        return self.phone.reaches(ADDRESS, 80, 0.5)

    def rules(self) -> list[str]:
        """Return the rules without the comments around them: these have the time of day."""
        saved = self.gateway.run("iptables-legacy-save", "-t", "nat").splitlines()
        return [line for line in saved if line.startswith("-A ")]

    def close(self) -> None:
        for space in self.spaces:
            space.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    ready()
    site = Site(tmp_path)
    yield site
    site.close()


def test_a_phone_is_brought_past_nginx_to_the_portal_while_it_is_open(site: Site) -> None:
    def visit() -> tuple[bool, bool, bool]:
        before = site.sees_page()
        site.portal.open("wlan0")
        site.started()
        during = site.sees_page()
        site.portal.close()
        return before, during, site.sees_page()

    assert site.gateway.call(visit) == (False, True, False)


def test_the_rule_is_there_once_and_gone_afterwards(site: Site) -> None:
    before = site.rules()

    def visit() -> list[str]:
        for _ in range(2):
            site.portal.open("wlan0")
            site.portal._session.end(0)  # type: ignore[union-attr] # killed: nobody cleans up
            site.portal._proxy.close()  # type: ignore[union-attr]
        rules = site.rules()
        site.portal.close()
        return rules

    ours = "-A PREROUTING -d 192.168.42.1/32 -p tcp -m tcp ! --dport 53 -j REDIRECT --to-ports 8042"
    assert site.gateway.call(visit) == [ours, *before]
    assert site.rules() == before


def test_the_program_is_told_by_its_environment_and_nothing_else(site: Site) -> None:
    def visit() -> None:
        site.portal.open("wlan0")
        site.started()
        site.portal.close()

    site.gateway.call(visit)
    started = site.started()
    portal = {k: v for k, v in started["environ"].items() if k.startswith("PORTAL")}
    assert portal == {
        "PORTAL_INTERFACE": "wlan0",
        "PORTAL_SSID": "HEMS moon",
        "PORTAL_GATEWAY": ADDRESS,
        "PORTAL_LISTENING_PORT": portal["PORTAL_LISTENING_PORT"],
        "PORTAL_PASSPHRASE": PASSPHRASE,
    }
    assert portal["PORTAL_LISTENING_PORT"] != "8042"  # the filter's
    assert started["environ"]["DBUS_SYSTEM_BUS_ADDRESS"] == "unix:path=/a/bus"
    assert started["argv"] == []


def test_an_open_portal_has_not_ended(site: Site) -> None:
    def visit() -> str | None:
        site.portal.open("wlan0")
        site.started()
        why = site.portal.end()
        site.portal.close()
        return why

    assert site.gateway.call(visit) is None
    assert not site.portal.is_open


def outcome(site: Site, act: Callable[[], None]) -> str | None:
    """Open the portal, act, and return why it has ended by itself."""

    def visit() -> str | None:
        site.portal.open("wlan0")
        act()
        eventually(lambda: site.portal.end() is not None, 10, "it has ended")
        why = site.portal.end()
        site.portal.close()
        return why

    why: str | None = site.gateway.call(visit)
    return why


def test_what_a_killed_program_started_ends_with_the_portal(site: Site) -> None:
    def kill() -> None:
        site.started()
        os.kill(site.portal._session.pid, signal.SIGKILL)  # type: ignore[union-attr]

    assert outcome(site, kill) == "it ended with -9: see its log"
    assert not is_running(site.started()["child"])


@pytest.mark.parametrize(
    ("code", "why"), [(0, ""), (14, "it ended with 14: the access point could not be created")]
)
def test_an_exit_code_says_why_it_has_ended(
    site: Site, tmp_path: Path, code: int, why: str
) -> None:
    (tmp_path / "wifi-connect").write_text(f"#!{sys.executable}\nraise SystemExit({code})\n")
    assert outcome(site, lambda: None) == why


def test_without_its_program_it_cannot_be_opened(site: Site, tmp_path: Path) -> None:
    (tmp_path / "wifi-connect").unlink()

    def visit() -> bool:
        with pytest.raises(Unavailable, match="wifi-connect cannot be started"):
            site.portal.open("wlan0")
        return site.portal.is_open

    assert site.gateway.call(visit) is False
