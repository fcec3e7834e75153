"""Run amqtt as the desk's MQTT 3.1.1 broker where mosquitto is not installed.

Lets in one user with one password and nobody else. Retained messages are lost when the process
ends.
"""

from __future__ import annotations

import asyncio
import hmac
from dataclasses import dataclass, field

from amqtt.broker import Broker
from amqtt.errors import BrokerError
from amqtt.plugins.base import BaseAuthPlugin
from amqtt.session import Session

from hems.errors import Unavailable
from hems.worker_runtime import Context, stop_requested

BEAT_S = 5.0


class BrokerAuthentication(BaseAuthPlugin):  # type: ignore[misc]  # amqtt has no types
    """The check of a connection's user and password; amqtt finds it by its dotted name."""

    @dataclass
    class Config:
        user: str
        password: str = field(repr=False)

    async def authenticate(self, *, session: Session) -> bool:
        credentials = f"{session.username}:{session.password}".encode()
        expected = f"{self.config.user}:{self.config.password}".encode()
        return hmac.compare_digest(credentials, expected)


@dataclass
class EmbeddedBroker:
    """Serves at the address `listen` and `port` until asked to stop."""

    listen: str
    port: int
    user: str
    password: str = field(repr=False)
    name: str = "broker"

    def run(self, ctx: Context) -> None:
        """Raise Unavailable when the port is taken."""
        asyncio.run(self._serve(ctx))

    async def _serve(self, ctx: Context) -> None:
        plugin = f"{BrokerAuthentication.__module__}.{BrokerAuthentication.__qualname__}"
        broker = Broker(
            {
                "listeners": {"default": {"type": "tcp", "bind": f"{self.listen}:{self.port}"}},
                "plugins": {plugin: {"user": self.user, "password": self.password}},
            }
        )
        try:
            await broker.start()
        except BrokerError as error:
            raise Unavailable(f"port {self.port}: {error}") from error
        ctx.notify.ready()
        stop = asyncio.create_task(stop_requested(ctx.stop))
        while not (await asyncio.wait([stop], timeout=BEAT_S))[0]:
            ctx.notify.alive()
        await broker.shutdown()
