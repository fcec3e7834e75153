"""Name the folders of mosquitto's configuration, and read its listeners."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

FOLDER = "services/mqtt"
FILE = f"{FOLDER}/mosquitto.conf"
CONFIG_IN_IMAGE, DATA_IN_IMAGE = "/mosquitto/config/", "/mosquitto/data/"
GATEWAY_VOLUME = "/gateway"
LISTENER = re.compile(r"^listener +(\d+) *(\S*)$((?:\n(?!listener ).*)*)", re.MULTILINE)
ANONYMOUS = re.compile(r"^allow_anonymous +true$", re.MULTILINE)


class Listener(NamedTuple):
    """`address` is empty if the listener binds every address; it may be the path of a socket."""

    port: str
    address: str
    is_anonymous: bool


def listeners(text: str) -> Iterator[Listener]:
    """Yield each listener of mosquitto's configuration."""
    for port, address, directives in LISTENER.findall(text):
        yield Listener(port, address, bool(ANONYMOUS.search(directives)))
