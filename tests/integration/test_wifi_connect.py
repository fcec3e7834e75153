"""The worker wifi-connect as the first process of a container, beside a real NetworkManager."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hems.supervision.health.container_healthcheck import check
from tests.integration.managed_home import Home
from tests.integration.namespaces import ENVIRON
from tests.integration.worker_process import ROOT, eventually

pytestmark = pytest.mark.integration

BUS = "/run/dbus/system_bus_socket"
KEPT = "kept_networks.json"
SECRET = "the home's secret"
# What the worker does when it opens the portal, and wifi-connect when a network is chosen; then
# the power goes.
PORTAL = """\
import os, signal, subprocess, sys
from pathlib import Path
from hems.system.network.network_manager import NetworkManager
from hems.workers.wifi_connect.kept_networks import KeptNetworks, KeptNetworksFile
manager, file = NetworkManager(Path(sys.argv[1])), KeptNetworksFile(Path(sys.argv[2]))
KeptNetworks(manager, file, "HEMS moon").keep()
subprocess.run(["nmcli", "connection", "delete", "Home"], check=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


class Container:
    """Its first process, in the network of `home`'s gateway. Use as a context manager."""

    def __init__(self, home: Home, directory: Path, **environ: str) -> None:
        self.output = directory / "output"
        self.kept = directory / KEPT
        self.heartbeat = directory / "run" / "heartbeat"
        variables = ENVIRON | {
            "PYTHONPATH": str(ROOT),
            "HEMS_CONFIG": str(ROOT / "etc" / "hems.toml"),
            "HEMS_LOGS_DIRECTORY": str(directory / "log"),
            "HEMS_WIFI_CONNECT_HEARTBEAT": str(self.heartbeat),
            "HEMS_WIFI_CONNECT_BUS": BUS,
            "HEMS_WIFI_CONNECT_KEPT_NETWORKS_FILE": str(directory / KEPT),
            "HEMS_WIFI_CONNECT_PERIOD_S": "0.2",
            **environ,
        }
        first = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
        argv = [*first, sys.executable, "-m", "hems", "wifi-connect"]
        self.process = home.gateway.start(argv, variables, self.output)

    def says(self, words: str) -> bool:
        return words in self.output.read_text()

    def stop(self) -> int:
        """Send SIGTERM to the first process and return its exit code."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        os.kill(int(children.read_text()), signal.SIGTERM)
        return self.process.wait(10)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with closing(Home(tmp_path)) as home:
        yield home


def test_it_publishes_what_networkmanager_sees_and_ends_on_request(
    home: Home, tmp_path: Path
) -> None:
    home.start()
    one = Container(home, tmp_path)
    eventually(lambda: one.says("connected through cable, internet: limited"), 10, "connected")
    home.router.run("ip", "link", "set", "lan", "down")
    eventually(lambda: one.says("no Wi-Fi device, so no portal"), 20, "lost")
    assert one.stop() == 0


def test_its_heartbeat_is_whole_whenever_it_is_read(home: Home, tmp_path: Path) -> None:
    one = Container(home, tmp_path)
    eventually(one.heartbeat.exists, 10, "it beats")
    first = one.heartbeat.stat().st_ino
    with one.heartbeat.open():  # its inode is not used again
        eventually(lambda: one.heartbeat.stat().st_ino != first, 10, "it is replaced")
    assert check(str(one.heartbeat)) == ""


def test_it_waits_for_networkmanager(home: Home, tmp_path: Path) -> None:
    one = Container(home, tmp_path)
    eventually(
        lambda: one.says("the portal: The name org.freedesktop.NetworkManager"),
        10,
        "NetworkManager is missing",
    )
    home.start()
    eventually(lambda: one.says("the portal: works again"), 10, "it sees NetworkManager")


def test_a_power_cut_while_the_portal_is_open_does_not_lose_the_homes_network(
    home: Home, tmp_path: Path
) -> None:
    home.start()
    nmcli = home.manager.nmcli
    security = ["wifi-sec.key-mgmt", "wpa-psk", "wifi-sec.psk", SECRET]
    nmcli("connection", "modify", "Home", *security, "ipv4.route-metric", "77")
    fields = ["-s", "-t", "-f", "all", "connection", "show", "Home"]
    before = nmcli(*fields)
    assert SECRET in before
    for number in range(2):
        directory = tmp_path / str(number)
        directory.mkdir()
        cut_while_the_portal_is_open(home, directory)
        assert (directory / KEPT).stat().st_mode & 0o777 == 0o600
        home.router.run("ip", "link", "set", "lan", "down")
        starts_after_the_cut(home, directory)
        assert nmcli(*fields) == before


def cut_while_the_portal_is_open(home: Home, directory: Path) -> None:
    argv = [sys.executable, "-c", PORTAL, BUS, str(directory / KEPT)]
    variables = ENVIRON | {"PYTHONPATH": str(ROOT)}
    cut = home.gateway.start(argv, variables, directory / "cut")
    assert cut.wait(30) == -signal.SIGKILL, (directory / "cut").read_text()


def starts_after_the_cut(home: Home, directory: Path) -> None:
    """Let the worker save the network again; a cable comes later, and replaces no Wi-Fi."""
    one = Container(home, directory)
    eventually(lambda: one.says("Home was deleted by the portal: saved again"), 30, "it is saved")
    home.router.run("ip", "link", "set", "lan", "up")
    eventually(lambda: SECRET not in one.kept.read_text(), 30, "nothing is kept any more")
    assert SECRET not in one.output.read_text()
    assert one.stop() == 0


def test_a_bad_setting_does_not_make_the_container_start_again_and_again(
    home: Home, tmp_path: Path
) -> None:
    one = Container(home, tmp_path, WIFI_PORTAL_PASSPHRASE="short")
    eventually(lambda: one.says("expected 8 to 63 printable"), 10, "it says so")
    with pytest.raises(subprocess.TimeoutExpired):
        one.process.wait(0.5)
    assert one.stop() == 78
