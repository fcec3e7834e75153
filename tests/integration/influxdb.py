"""A FakeInfluxdb over real HTTP on loopback, which may be made to break off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dev.launcher.free_port import free_port
from hems.clients.influxdb.api import Influxdb
from tests.deploy.peers import Peer, Responder
from tests.fakes.influxdb import FakeInfluxdb
from tests.server_thread import serving

TOKEN = "a-token-of-the-tests"


@contextmanager
def served(respond: Responder, host: str = "127.0.0.1") -> Iterator[int]:
    """Serve on a port of a loopback address, and yield that."""
    server = Peer(respond)
    port = free_port(None)
    server.server_address = (host, port)
    server.server_bind()
    server.server_activate()
    with server, serving(server):
        yield port


@contextmanager
def influxdb(fake: FakeInfluxdb, token: str = TOKEN) -> Iterator[Influxdb]:
    """Yield a client of `fake`."""
    with served(fake) as port:
        yield Influxdb(("127.0.0.1", port), token, 5.0)
