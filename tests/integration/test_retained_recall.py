"""What a publisher reads from the real broker before it sends anything."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping

import pytest

from hems.clients.mqtt.publisher import MqttPublisher
from hems.clients.mqtt.retained_messages import Recall
from hems.settings.mqtt import MqttSettings
from tests.integration.mosquitto import PASSWORD, USER, Mosquitto, Observer
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.integration


class Recalled:
    """A publisher that keeps what it was told to recall, and publishes `after` then."""

    def __init__(self, port: int, *expected: str) -> None:
        settings = MqttSettings(host="127.0.0.1", port=port, timeout_s=1.0, backoff_max_s=1.0)
        self.publisher = MqttPublisher(settings, USER, PASSWORD, "test")
        self.publisher.recall_first(Recall(("kept/+", "other"), frozenset(expected), self._use))
        self.publisher.set("after", b"sent")
        self.payloads: list[Mapping[str, bytes]] = []

    def _use(self, payloads: Mapping[str, bytes]) -> None:
        self.payloads.append(dict(payloads))

    def run(self, seconds: float) -> None:
        async def run() -> None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self.publisher.run()

        asyncio.run(run())


def test_all_that_is_retained_is_recalled_once_before_anything_is_sent(
    broker: Mosquitto, observer: Observer
) -> None:
    for number in range(100):
        observer.publish(f"kept/{number}", f"{number}", retain=True)
    observer.publish("other", "one", retain=True)
    observer.publish("foreign", "no", retain=True)
    recalled = Recalled(broker.port, "kept/3", "kept/99", "other")
    recalled.run(2)
    assert len(recalled.payloads) == 1
    assert len(recalled.payloads[0]) == 101
    assert recalled.payloads[0]["kept/99"] == b"99"
    eventually(lambda: observer.newest("after") == "sent", 5, "the message")


def test_a_broker_that_retains_nothing_delays_the_first_message_by_a_second(
    broker: Mosquitto, observer: Observer
) -> None:
    recalled = Recalled(broker.port, "kept/3")

    async def run() -> None:
        running = asyncio.create_task(recalled.publisher.run())
        await asyncio.sleep(0.7)
        assert observer.newest("after") is None
        await asyncio.sleep(2.3)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(run())
    assert recalled.payloads == [{}]
    eventually(lambda: observer.newest("after") == "sent", 5, "the message")


def test_a_message_that_is_not_retained_is_no_history(
    broker: Mosquitto, observer: Observer
) -> None:
    recalled = Recalled(broker.port, "kept/3")

    async def run() -> None:
        running = asyncio.create_task(recalled.publisher.run())
        await asyncio.sleep(0.5)
        await asyncio.to_thread(observer.publish, "kept/3", "live")
        await asyncio.sleep(1.5)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(run())
    assert recalled.payloads == [{}]


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.02, 0.03, 0.05, 0.1, 0.3, 0.7])
def test_whenever_it_ends_it_has_recalled_and_sent_everything(
    broker: Mosquitto, observer: Observer, seconds: float
) -> None:
    observer.publish("kept/3", "here", retain=True)
    recalled = Recalled(broker.port, "kept/3")
    started = time.monotonic()
    recalled.run(seconds)
    assert time.monotonic() - started < seconds + 2
    assert recalled.payloads == [{"kept/3": b"here"}]
    eventually(lambda: observer.newest("hems/test/availability") == "offline", 5, "offline")
    assert observer.newest("after") == "sent"


def test_what_a_broker_retains_is_recalled_when_it_is_back(broker: Mosquitto) -> None:
    broker.kill()
    recalled = Recalled(broker.port, "kept/3")
    recalled.run(0.5)
    assert recalled.payloads == []
    broker.start()
    with Observer(broker.port) as observer:
        observer.publish("kept/3", "here", retain=True)
        recalled.run(4)
    assert recalled.payloads == [{"kept/3": b"here"}]
