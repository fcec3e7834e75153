"""A gateway's nginx between a home and its services, with what provision makes for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.deploy.authority import NGINX, Authority, replace
from tests.deploy.client import PASSWORD, USER, Client
from tests.deploy.lan import CLIENT, Lan
from tests.deploy.nginx import Nginx


@dataclass(frozen=True)
class Site:
    """`gateway` is the volume of this name; nginx is not started yet."""

    lan: Lan
    nginx: Nginx
    gateway: Path
    authority: Authority

    def client(self, address: str = CLIENT) -> Client:
        return Client(self.lan, self.gateway / "tls" / "ca.crt", address)

    def provision(self) -> None:
        """Make the files on the volume that nginx needs."""
        self.authority.write(self.gateway / "tls")
        line = f"{USER}:{{PLAIN}}{PASSWORD}\n"
        replace(self.gateway / "nginx" / "htpasswd", line.encode(), 0o640, group=NGINX)


@contextmanager
def site(directory: Path) -> Iterator[Site]:
    """Connect everything; it is gone at the end, however that comes."""
    gateway = directory / "gateway"
    gateway.mkdir()
    lan = Lan()
    try:
        yield Site(lan, Nginx(lan.proxy, gateway, directory), gateway, Authority())
    finally:
        lan.close()
