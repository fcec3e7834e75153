"""A gateway whose NetworkManager has a cable to a router, and saved Wi-Fi networks but no radio.

cable 192.0.2.2  gateway │ router  lan 192.0.2.1
"""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

from hems.errors import Unavailable
from hems.protocols.host.network_manager import NetworkState
from hems.system.network.network_manager import NetworkManager
from tests.integration.hotspot import ready
from tests.integration.namespaces import Namespace
from tests.integration.network_manager import Manager

ROUTER = "192.0.2.1"
CHECK = f"[connectivity]\nenabled=true\nuri=http://{ROUTER}/\nresponse=\ninterval=1\n"
ANSWER = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
WIRED = """\
[connection]
id=cable
type=ethernet
interface-name=cable
[ipv4]
method=manual
address1=192.0.2.2/24,192.0.2.1
[ipv6]
method=disabled
"""
WIFI = """\
[connection]
id={name}
type=wifi
autoconnect={autoconnect}
[wifi]
mode={mode}
ssid={name}
"""
PROFILES = {
    "cable": WIRED,
    "home": WIFI.format(name="Home", mode="infrastructure", autoconnect="true"),
    "guests": WIFI.format(name="Guests", mode="infrastructure", autoconnect="false"),
    "portal": WIFI.format(name="HEMS moon", mode="ap", autoconnect="false"),
    "repeater": WIFI.format(name="Repeater", mode="ap", autoconnect="true"),
}


class Home:
    """Both, with NetworkManager's bus; `close` ends them."""

    def __init__(self, directory: Path) -> None:
        ready()
        self.spaces = [Namespace(), Namespace()]
        self.gateway, self.router = self.spaces
        ends = ["cable", "type", "veth", "peer", "name", "lan", "netns", str(self.router.pid)]
        self.gateway.run("ip", "link", "add", *ends)
        self.router.run("ip", "address", "add", f"{ROUTER}/24", "dev", "lan")
        self.router.run("ip", "link", "set", "lan", "up")
        self.manager = Manager(self.gateway, directory, CHECK, PROFILES)
        self.bus = self.manager.start_bus()
        self.client = NetworkManager(self.manager.bus)

    def start(self) -> None:
        self.manager.start(lambda: self.sees(uplink="cable"), "the cable is the uplink")

    def state(self) -> NetworkState | None:
        with suppress(Unavailable):
            return self.client.state()
        return None

    def sees(self, **wanted: object) -> bool:
        seen = self.state()
        return seen is not None and all(getattr(seen, k) == v for k, v in wanted.items())

    def serve_internet(self) -> None:
        """Answer NetworkManager's question until the namespace ends."""
        listener = self.router.listen(80)

        def serve() -> None:
            with listener, suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        connection.recv(4096)
                        connection.sendall(ANSWER)

        threading.Thread(target=serve, daemon=True).start()

    def close(self) -> None:
        for space in self.spaces:
            space.close()
