"""Which names the gateway's CA may sign: those of a home (RFC 5280, section 4.2.1.10).

Devices of the home trust the CA. With these constraints its key, stolen with the card, makes no
certificate for a bank: OpenSSL, browsers and phones refuse it.
"""

from __future__ import annotations

import ipaddress

from hems.protocols.web.certificate_requirements import TUNNEL, ServerNames

# Names that are nobody's on the internet, those of routers, and those of a tailnet. With its
# subdomains each.
DOMAINS = (TUNNEL, "local", "home.arpa", "internal", "lan", "home", "fritz.box", "ts.net")
NETWORKS = (
    *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),  # RFC 1918
    *("127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10"),  # this machine, its link, a tailnet
    *("::1/128", "fe80::/10", "fc00::/7"),
)
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Constraints:
    """The permitted domains and networks of a CA."""

    def __init__(self, domains: tuple[str, ...], networks: tuple[str, ...]) -> None:
        self.domains = domains
        self.networks: tuple[Network, ...] = tuple(map(ipaddress.ip_network, networks))

    def permitted(self, names: ServerNames) -> ServerNames:
        """Return those of `names` that the CA may sign."""
        return ServerNames(
            tuple(name for name in names.dns if self._has_domain(name)),
            tuple(text for text in names.addresses if self._has_address(text)),
        )

    def _has_domain(self, name: str) -> bool:
        return any(name == domain or name.endswith(f".{domain}") for domain in self.domains)

    def _has_address(self, text: str) -> bool:
        address = ipaddress.ip_address(text)
        return any(address in network for network in self.networks)


OF_A_HOME = Constraints(DOMAINS, NETWORKS)


def of_a_new_authority(names: ServerNames) -> Constraints:
    """Return the constraints of a CA for a gateway that has these names now.

    Among them may be names that an operator has added, which are none of a home.
    """
    usual = OF_A_HOME.permitted(names)
    own = tuple(name for name in names.dns if name not in usual.dns)
    addresses = tuple(text for text in names.addresses if text not in usual.addresses)
    return Constraints((*DOMAINS, *own), (*NETWORKS, *addresses))
