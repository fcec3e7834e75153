"""Run wifi-connect, balena's captive portal: an access point where a person chooses a Wi-Fi.

Its settings are environment variables, so that no process list shows the passphrase. It creates
an access point with NetworkManager, runs dnsmasq as DHCP server and as a DNS server that returns
its own address for every name, and runs a web server. It ends with 0 after a network was chosen
and joined, and otherwise only on an error; SIGTERM makes it remove the access point.

Port 80 of the host belongs to nginx: Docker would forward even packets to the portal's address.
A rule before Docker's redirects the phones to a proxy on another port (portal_proxy.py), whatever
port they ask for: so none reaches wifi-connect itself, which answers the pages of any site.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from loguru import logger

from hems.errors import Unavailable
from hems.system import subprocesses
from hems.system.network.portal_proxy import PortalProxy, free_port

ADDRESS = "192.168.42.1"  # wifi-connect's default
GRACE_S = 25.0  # joining a network may take it 20 s and more
TIMEOUT_S = 5.0  # of iptables, which waits 3 s for its lock, and of iw
PATHS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
EXITS = {  # src/errors.rs of wifi-connect
    3: "dnsmasq could not be started",
    10: "the interface does not exist",
    11: "the interface is not a Wi-Fi device",
    12: "there is no Wi-Fi device",
    14: "the access point could not be created",
    16: "an old access point could not be deleted",
    17: "its web server could not be started",
    24: "the Wi-Fi device is not managed",
}


@dataclass
class CaptivePortal:
    """The portal, open or closed.

    `directory` has the program and its pages; `bus` is the socket of the host's system bus.
    `passphrase` returns that of the network; without one there is no portal.
    """

    directory: Path
    bus: Path
    ssid: str
    port: int
    passphrase: Callable[[], str] = field(repr=False)
    _session: subprocesses.ProgramSession | None = field(default=None, init=False)
    _proxy: PortalProxy | None = field(default=None, init=False)

    @property
    def is_open(self) -> bool:
        """Return whether it was opened and not closed since; it may have ended by itself."""
        return self._session is not None

    def open(self, interface: str) -> None:
        """Open it on a Wi-Fi interface. Raises Unavailable; then nothing is left."""
        if not (passphrase := self.passphrase()):
            raise Unavailable("it has no passphrase yet: wait for provision to create it")
        program, behind = str(self.directory / "wifi-connect"), free_port(ADDRESS)
        environment = self._environment(interface, passphrase, behind)
        self._session = subprocesses.ProgramSession([program], environment, None)
        try:
            self._proxy = PortalProxy(ADDRESS, self.port, behind)
        except Unavailable:
            self.close()
            raise
        try:
            self._redirect()
        except Unavailable as error:
            page = f"http://{ADDRESS}:{self.port}/"
            logger.warning("phones are not redirected to the page {}: {}", page, error)

    def end(self) -> str | None:
        """Return why it ended by itself: empty after a network was joined; None while it runs."""
        code = self._session.exit_code() if self._session else None
        if code is None:
            return None
        return "" if code == 0 else f"it ended with {code}: {EXITS.get(code, 'see its log')}"

    def close(self) -> None:
        """Close it and end what it left running, within GRACE_S and a few seconds."""
        if self._proxy is not None:
            self._proxy.close()
            self._proxy = None
        if self._session is not None:
            self._session.end(GRACE_S)
            self._session = None
            subprocesses.reap_orphans()
        with contextlib.suppress(Unavailable):  # there is no such rule
            subprocesses.run([*_nat("--delete"), *self._rule()], TIMEOUT_S)

    def has_stations(self, interface: str) -> bool:
        """Return whether a phone is connected to the access point. Raises Unavailable."""
        return "Station " in subprocesses.run(
            ["iw", "dev", interface, "station", "dump"], TIMEOUT_S
        )

    def _environment(self, interface: str, passphrase: str, port: int) -> dict[str, str]:
        return {
            "PATH": PATHS,
            "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.bus}",
            "UI_DIRECTORY": str(self.directory / "ui"),
            "PORTAL_INTERFACE": interface,
            "PORTAL_SSID": self.ssid,
            "PORTAL_PASSPHRASE": passphrase,
            "PORTAL_GATEWAY": ADDRESS,
            "PORTAL_LISTENING_PORT": str(port),
        }

    def _redirect(self) -> None:
        try:
            subprocesses.run([*_nat("--check"), *self._rule()], TIMEOUT_S)
        except Unavailable:
            subprocesses.run([*_nat("--insert"), *self._rule()], TIMEOUT_S)

    def _rule(self) -> list[str]:
        match = ["-d", f"{ADDRESS}/32", "-p", "tcp", "!", "--dport", "53"]
        return [*match, "-j", "REDIRECT", "--to-ports", str(self.port)]


def _nat(command: str) -> list[str]:
    """Return the start of a command for the chain that has Docker's redirections, too."""
    return ["iptables-legacy", "-w", "3", "-t", "nat", command, "PREROUTING"]
