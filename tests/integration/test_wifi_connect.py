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


class Container:
    """Its first process, in the network of `home`'s gateway. Use as a context manager."""

    def __init__(self, home: Home, directory: Path, **environ: str) -> None:
        self.output = directory / "output"
        self.heartbeat = directory / "run" / "heartbeat"
        variables = ENVIRON | {
            "PYTHONPATH": str(ROOT),
            "HEMS_CONFIG": str(ROOT / "etc" / "hems.toml"),
            "HEMS_LOGS_DIRECTORY": str(directory / "log"),
            "HEMS_WIFI_CONNECT_HEARTBEAT": str(self.heartbeat),
            "HEMS_WIFI_CONNECT_BUS": BUS,
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


def test_a_bad_setting_does_not_make_the_container_start_again_and_again(
    home: Home, tmp_path: Path
) -> None:
    one = Container(home, tmp_path, WIFI_PORTAL_PASSPHRASE="short")
    eventually(lambda: one.says("expected 8 to 63 printable"), 10, "it says so")
    with pytest.raises(subprocess.TimeoutExpired):
        one.process.wait(0.5)
    assert one.stop() == 78
