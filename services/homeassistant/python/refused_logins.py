"""Tell hems of each login and token that Home Assistant refuses: one datagram, without waiting.

While hems does not run, nobody counts. The log would not do: strangers choose how long its lines
are, and bounded_log.py omits what is too much.
"""

from __future__ import annotations

import contextlib
import socket

SOCKET = "/gateway/refused-logins.sock"  # of telemetry in hems


def tell(address: str) -> None:
    """Send the address of whoever was refused."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.setblocking(False)
        end.sendto(f"homeassistant {address}".encode(), SOCKET)
