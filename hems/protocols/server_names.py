"""The names that a TLS server certificate is for (RFC 5280, section 4.2.1.6)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

LABEL = re.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
TUNNEL = "localhost"  # where `balena device tunnel` puts the gateway's port


@dataclass(frozen=True)
class ServerNames:
    """DNS names in small letters, and IP addresses, each sorted."""

    dns: tuple[str, ...]
    addresses: tuple[str, ...]

    def lacks(self, wanted: ServerNames) -> list[str]:
        """Return what of `wanted` is not among these names."""
        return [
            *(name for name in wanted.dns if name not in self.dns),
            *(name for name in wanted.addresses if name not in self.addresses),
        ]


NONE = ServerNames((), ())


@dataclass(frozen=True)
class CertificateFacts:
    """What a certificate says of itself; times in unix seconds."""

    not_before: float
    not_after: float
    names: ServerNames

    def fault(self, now: float | None, margin_s: float, wanted: ServerNames = NONE) -> str:
        """Return why it is of no use any more at `now`, empty when it is.

        `now` is None while the time is not known; `margin_s` before its end it counts as over.
        """
        if now is not None and now < self.not_before:
            return "it is not valid yet"
        if now is not None and now > self.not_after - margin_s:
            return "its end is near or past"
        lacking = self.names.lacks(wanted)
        return f"it lacks {', '.join(lacking)}" if lacking else ""


def server_names(host: str, addresses: Iterable[str], more: Iterable[str]) -> ServerNames:
    """Return the names by which a machine called `host` is asked for.

    Of `addresses`, those of its interfaces, the loopback and link-local ones reach nobody else.
    `more` are names or addresses that an operator has added.
    """
    labels = host.lower().split(".")
    own = {TUNNEL}
    if all(LABEL.fullmatch(label) for label in labels):
        own |= {".".join(labels), labels[0], f"{labels[0]}.local"}
    parsed = [ipaddress.ip_address(one) for one in addresses]
    numbers = {str(one) for one in parsed if not (one.is_loopback or one.is_link_local)}
    for name in more:
        try:
            numbers.add(str(ipaddress.ip_address(name)))
        except ValueError:
            own.add(name.lower())
    return ServerNames(tuple(sorted(own)), tuple(sorted(numbers)))
