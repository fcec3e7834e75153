from __future__ import annotations

import asyncio

import aiomqtt
import pytest
from pytest_mock import MockerFixture

from hems.clients.mqtt.publisher import MqttPublisher
from hems.settings.mqtt import MqttSettings


class AcknowledgingClient:
    """Replaces aiomqtt.Client: a message is published once the broker has acknowledged it."""

    def __init__(self) -> None:
        self.acknowledged = asyncio.Event()

    async def publish(self, *arguments: object, **options: object) -> None:
        await asyncio.wait_for(self.acknowledged.wait(), 10)


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def test_it_ends_though_the_broker_acknowledges_at_that_moment() -> None:
    async def is_ended() -> bool:
        client, publisher = AcknowledgingClient(), MqttPublisher(MqttSettings(), "", "", "worker")
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


def test_every_outage_begins_with_the_shortest_delay(mocker: MockerFixture) -> None:
    publisher = MqttPublisher(MqttSettings(backoff_max_s=3.0), "", "", "worker")
    connections = iter([False, False, False, True, False, True])

    async def session(_publisher: MqttPublisher) -> None:
        publisher.is_connected = next(connections)
        raise aiomqtt.MqttError("gone")

    mocker.patch.object(MqttPublisher, "_session", session)
    pause = mocker.patch.object(
        MqttPublisher, "_pause", side_effect=[None] * 5 + [asyncio.CancelledError]
    )
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(publisher.run())
    assert [call.args[0] for call in pause.call_args_list] == [1.0, 2.0, 3.0, 1.0, 2.0, 1.0]
