"""Validate the hosts, IP addresses and URLs that settings and secrets contain.

What is valid here can be connected to, or put into a certificate, without an exception: no empty
label (`a..b`), no zone of an IPv6 address (`fe80::1%eth0`), and ASCII digits only.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

MAX_NAME = 253  # characters of a host name (RFC 1035, section 2.3.4)
# Docker and Windows networks have names with underscores, which DNS lookups accept.
HOST_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
DNS_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")  # RFC 1123
PORT = re.compile(r"[0-9]{1,5}")
URL = re.compile(r"[!-~]+")  # RFC 3986, section 2: ASCII without spaces
DEFAULT_PORTS = {"http": 80}


def is_ip_address(text: str) -> bool:
    """Return whether `text` is an IPv4 or IPv6 address, without a zone."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def is_ipv4_address(text: str) -> bool:
    """Return whether `text` is an IPv4 address."""
    return is_ip_address(text) and ":" not in text


def is_ipv4_network(text: str) -> bool:
    """Return whether `text` is an IPv4 address with or without the length of a prefix."""
    try:
        ipaddress.IPv4Network(text, strict=False)
    except ValueError:
        return False
    return True


def is_host(text: str) -> bool:
    """Return whether a connection can be made to `text`: an IP address or a host name."""
    return is_ip_address(text) or _is_name(text, HOST_LABEL)


def is_server_name(text: str) -> bool:
    """Return whether a certificate can be for `text`: an IP address or a DNS name (RFC 1123)."""
    return is_ip_address(text) or _is_name(text, DNS_LABEL)


def host_and_port(text: str) -> tuple[str, int] | None:
    """Return the host and port of `host:port`, None when `text` has another form."""
    host, _, port = text.rpartition(":")
    if not is_host(host) or not PORT.fullmatch(port) or not 0 < int(port) < 65536:
        return None
    return host, int(port)


def url_address(url: str, scheme: str) -> tuple[str, int] | None:
    """Return the host and port of `url`, None when it is not a URL of `scheme`."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = DEFAULT_PORTS.get(scheme) if parts.port is None else parts.port
    except ValueError:
        return None
    is_valid = URL.fullmatch(url) and parts.scheme == scheme and is_host(host)
    return (host, port) if is_valid and port else None


def _is_name(text: str, label: re.Pattern[str]) -> bool:
    return len(text) <= MAX_NAME and all(label.fullmatch(part) for part in text.split("."))
