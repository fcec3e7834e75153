from __future__ import annotations

import asyncio

from hems.clients.mqtt import MqttPublisher
from hems.settings import Mqtt


class AcknowledgingClient:
    """Stands for aiomqtt.Client: a message is published once the broker has acknowledged it."""

    def __init__(self) -> None:
        self.acknowledged = asyncio.Event()

    async def publish(self, *arguments: object, **options: object) -> None:
        await asyncio.wait_for(self.acknowledged.wait(), 10)


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def test_it_ends_though_the_broker_acknowledges_at_that_moment() -> None:
    async def is_ended() -> bool:
        client, publisher = AcknowledgingClient(), MqttPublisher(Mqtt(), "", "", "worker")
        publisher.set("topic", b"payload")
        sending = asyncio.create_task(publisher._send(client))  # type: ignore[arg-type]
        await turns(5)
        client.acknowledged.set()
        await turns(1)
        sending.cancel()
        await turns(20)
        has_ended = sending.done()
        sending.cancel()
        return has_ended

    assert asyncio.run(is_ended())
