"""Decide which names the TLS certificate needs, and whether a certificate is still good.

The names are those of RFC 5280, section 4.2.1.6.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

LABEL = re.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
TUNNEL = "localhost"  # `balena device tunnel` makes the gateway's port available there


@dataclass(frozen=True)
class ServerNames:
    """DNS names in lower case, and IP addresses, both sorted."""

    dns: tuple[str, ...]
    addresses: tuple[str, ...]

    def lacks(self, wanted: ServerNames) -> list[str]:
        """Return the names of `wanted` that are not among these."""
        return [
            *(name for name in wanted.dns if name not in self.dns),
            *(name for name in wanted.addresses if name not in self.addresses),
        ]


NONE = ServerNames((), ())


@dataclass(frozen=True)
class CertificateFacts:
    """The validity (unix seconds) and the names of a certificate."""

    not_before: float
    not_after: float
    names: ServerNames

    def fault(self, now: float | None, margin_s: float, wanted: ServerNames = NONE) -> str:
        """Return why the certificate needs a replacement at `now`, empty when it is good.

        `now` is None while the time is not known. The certificate counts as expired `margin_s`
        before its end.
        """
        if now is not None and now < self.not_before:
            return "it is not valid yet"
        if now is not None and now > self.not_after - margin_s:
            return "its end is near or past"
        lacking = self.names.lacks(wanted)
        return f"it lacks {', '.join(lacking)}" if lacking else ""


def server_names(host: str, addresses: Iterable[str], more: Iterable[str]) -> ServerNames:
    """Return the names that clients use for a machine called `host`.

    Loopback and link-local addresses are left out of `addresses`, the addresses of its interfaces:
    other machines cannot use them. `more` are names or addresses that an operator has added.
    """
    labels = host.lower().split(".")
    names = {TUNNEL}
    if all(LABEL.fullmatch(label) for label in labels):
        names |= {".".join(labels), labels[0], f"{labels[0]}.local"}
    parsed = [ipaddress.ip_address(text) for text in addresses]
    numbers = {
        str(address) for address in parsed if not (address.is_loopback or address.is_link_local)
    }
    for name in more:
        try:
            numbers.add(str(ipaddress.ip_address(name)))
        except ValueError:
            names.add(name.lower())
    return ServerNames(tuple(sorted(names)), tuple(sorted(numbers)))
