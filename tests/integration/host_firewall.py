"""A gateway and a container in networks of their own, and balena's firewall of the host.

container 172.18.4.4 ── br-hems  gateway 172.18.4.1
"""

from __future__ import annotations

import json
import socket

from hems.protocols.firewall.firewall_rule_types import COMMENT
from tests.integration.namespaces import Namespace, require_namespaces

CONTAINER, GATEWAY, D2L_PORT, OTHER_PORT = "172.18.4.4", "172.18.4.1", 7846, 7847
TIMEOUT_S = 0.2
PROGRAMS = ("iptables-legacy", "iptables-nft", "nft")
CHAIN = "BALENA-FIREWALL"
# src/lib/firewall.ts of balena-supervisor 19.0.5
RULES = """\
*filter
:BALENA-FIREWALL - [0:0]
{jump}
-F BALENA-FIREWALL
-A BALENA-FIREWALL -p tcp --dport 48484 -i br-+ -j ACCEPT
-A BALENA-FIREWALL -p tcp --dport 48484 -j REJECT
-A BALENA-FIREWALL -p tcp --dport 22222 -j ACCEPT
-A BALENA-FIREWALL -p tcp --dport 2375 -j ACCEPT
-A BALENA-FIREWALL -m addrtype --dst-type MULTICAST -j ACCEPT
-A BALENA-FIREWALL -p icmp -j ACCEPT
-A BALENA-FIREWALL -p udp --dport 53 -i br+ -j ACCEPT
-I BALENA-FIREWALL -m addrtype --src-type LOCAL -j ACCEPT
-I BALENA-FIREWALL -m state --state ESTABLISHED,RELATED -j ACCEPT
{off}
-A BALENA-FIREWALL -j REJECT
COMMIT
"""


class HostFirewall:
    """Use as a context manager; `iptables` is the flavour that the Supervisor uses, legacy or nft.

    The gateway listens on D2L_PORT and on OTHER_PORT.
    """

    def __init__(self, iptables: str) -> None:
        require_namespaces(*PROGRAMS)
        self.iptables = f"iptables-{iptables}"
        self._listeners: list[socket.socket] = []

    def __enter__(self) -> HostFirewall:
        self.gateway, self.container = Namespace(), Namespace()
        add = ["ip", "link", "add", "br-hems", "type", "veth", "peer", "name", "eth0"]
        self.gateway.run("ip", "link", "set", "lo", "up")
        self.gateway.run(*add, "netns", str(self.container.pid))
        for space, link, address in (
            (self.gateway, "br-hems", GATEWAY),
            (self.container, "eth0", CONTAINER),
        ):
            space.run("ip", "address", "add", f"{address}/24", "dev", link)
            space.run("ip", "link", "set", link, "up")
        self._listeners = [self.gateway.listen(port) for port in (D2L_PORT, OTHER_PORT)]
        return self

    def __exit__(self, *_: object) -> None:
        for listener in self._listeners:
            listener.close()
        self.gateway.close()
        self.container.close()

    def is_open(self, port: int = D2L_PORT) -> bool:
        """Tell whether a container reaches the gateway's `port`."""
        return self.container.reaches(GATEWAY, port, TIMEOUT_S)

    def set_mode(self, mode: str) -> None:
        """Do what the Supervisor does at its start for HOST_FIREWALL_MODE `mode`, on or off."""
        listed = self.gateway.run(self.iptables, "-S", "INPUT").splitlines()[1:]
        jump = f"-I INPUT 1 -j {CHAIN}"
        if f"-A INPUT -j {CHAIN}" in listed:
            position = listed.index(f"-A INPUT -j {CHAIN}") + 1
            jump = f"-D INPUT -j {CHAIN}\n-I INPUT {position} -j {CHAIN}"
        off = f"-A {CHAIN} -j RETURN" if mode == "off" else ""
        rules = RULES.format(jump=jump, off=off)
        self.gateway.run(f"{self.iptables}-restore", "--noflush", text=rules)

    def our_rules(self) -> list[str]:
        """Return the rules with the worker's comment, as iptables and nft print them."""
        legacy = self.gateway.run("iptables-legacy-save").splitlines()
        listed = json.loads(self.gateway.run("nft", "--json", "list", "ruleset"))["nftables"]
        rules = [entry["rule"] for entry in listed if "rule" in entry]
        return [line for line in legacy if COMMENT in line] + [
            json.dumps(rule) for rule in rules if rule.get("comment") == COMMENT
        ]
