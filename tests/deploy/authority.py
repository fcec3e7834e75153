"""The gateway's own CA, and on a volume the files that provision makes of it for nginx."""

from __future__ import annotations

import os
import time
from pathlib import Path

from hems.protocols.server_names import server_names
from hems.system.certificates import authority_certificate, new_key, server_chain
from tests.deploy.lan import PROXY

NGINX = 101  # its user and group in the image


class Authority:
    def __init__(self) -> None:
        self._key = new_key()
        self._certificate = authority_certificate(self._key, time.time())

    def write(self, directory: Path) -> None:
        """Write ca.crt, server.key and a new server.crt, each in one step."""
        directory.mkdir(exist_ok=True)
        key, names = new_key(), server_names("gateway", [PROXY], [])
        chain = server_chain(self._key, self._certificate, key, names, time.time())
        replace(directory / "ca.crt", self._certificate, 0o644)
        replace(directory / "server.key", key, 0o640, group=NGINX)
        replace(directory / "server.crt", chain, 0o644)


def replace(path: Path, content: bytes, mode: int, *, user: int = 0, group: int = 0) -> None:
    """Write a file in one step, as provision does."""
    path.parent.mkdir(exist_ok=True)
    temporary = path.with_suffix(".new")
    temporary.write_bytes(content)
    temporary.chmod(mode)
    os.chown(temporary, user, group)
    temporary.replace(path)
