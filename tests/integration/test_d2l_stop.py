"""A reading that was answered is published, although the worker is stopped at that moment."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.integration.d2l import ID, D2lWorker, Dongle, horodate
from tests.integration.mosquitto import Mosquitto, Observer
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.integration
STATE = f"hems/d2l/{ID:012d}/state"
WORKER = "hems/eesmart-d2l/availability"
STOP_S = 5.0


def push(worker: D2lWorker, device_id: int = ID, *, east: int, minute: int = 0) -> None:
    with Dongle(worker.port, device_id) as meter:
        date = horodate(time.time() + 60 * minute)
        meter.send(meter.push(DATE=date, EAST=f"{east:09d}"))
        assert meter.answer() is not None


def stop(worker: D2lWorker) -> None:
    started = time.monotonic()
    assert worker.stop() == 0
    assert time.monotonic() - started < STOP_S


def has_all(observer: Observer, east: int) -> bool:
    states = [f"hems/d2l/{ID + number:012d}/state" for number in range(3)]
    return all(observer.newest_json(state).get("east") == east for state in states)


def test_readings_that_wait_for_what_is_retained_are_published_at_a_stop(
    tmp_path: Path, broker: Mosquitto, observer: Observer
) -> None:
    """Three dongles never sent before, so the worker waits for their states for a second."""
    with D2lWorker(tmp_path, broker.port) as worker:
        for number in range(3):
            push(worker, ID + number, east=12_400_000)
        assert observer.count(STATE) == 0
        stop(worker)
    eventually(lambda: has_all(observer, 12_400_000), 5, "their states")
    assert observer.newest(WORKER) == "offline"


def test_a_reading_that_waits_is_judged_by_what_is_retained_also_at_a_stop(
    tmp_path: Path, broker: Mosquitto, observer: Observer
) -> None:
    with D2lWorker(tmp_path, broker.port) as worker:
        push(worker, east=12_400_000)
        eventually(lambda: observer.count(STATE) == 1, 5, "the state")
    for minute, (sent, published) in enumerate(
        [(912_400_000, 12_400_000), (12_400_040, 12_400_040)]
    ):
        before = observer.count(STATE)
        with D2lWorker(tmp_path, broker.port) as worker:
            push(worker, east=sent, minute=minute + 1)
            stop(worker)
        eventually(lambda: observer.count(STATE) > before, 5, "the state")  # noqa: B023
        assert observer.newest_json(STATE)["east"] == published


def test_a_reading_is_published_though_the_worker_is_still_connecting(
    tmp_path: Path, broker: Mosquitto, observer: Observer
) -> None:
    broker.freeze()
    with D2lWorker(tmp_path, broker.port) as worker:
        push(worker, east=12_400_000)
        broker.thaw()
        stop(worker)
    eventually(lambda: observer.newest_json(STATE).get("east") == 12_400_000, 5, "the state")


def test_a_reading_is_published_though_the_broker_is_back_only_now(
    tmp_path: Path, broker: Mosquitto
) -> None:
    broker.kill()
    with D2lWorker(tmp_path, broker.port, HEMS_MQTT_BACKOFF_MAX_S="60") as worker:
        eventually(lambda: "trying again" in worker.log(), 5, "the worker misses the broker")
        push(worker, east=12_400_000)
        time.sleep(4)  # its pauses have grown
        broker.start()
        with Observer(broker.port) as observer:
            stop(worker)
            eventually(lambda: observer.count(STATE) == 1, 5, "the state")
            assert observer.newest(WORKER) == "offline"


@pytest.mark.parametrize("is_frozen", [False, True], ids=["away", "frozen"])
def test_a_stop_does_not_wait_for_a_broker_that_does_not_answer(
    tmp_path: Path, broker: Mosquitto, *, is_frozen: bool
) -> None:
    with D2lWorker(tmp_path, broker.port, HEMS_MQTT_TIMEOUT_S="1") as worker:
        eventually(lambda: "connected" in worker.log(), 5, "the worker is connected")
        if is_frozen:
            broker.freeze()
        else:
            broker.kill()
        push(worker, east=12_400_000)
        stop(worker)
    broker.thaw() if is_frozen else broker.start()


def test_the_last_reading_before_a_stop_is_published(
    tmp_path: Path, broker: Mosquitto, observer: Observer
) -> None:
    for number in range(3):
        with D2lWorker(tmp_path, broker.port) as worker:
            eventually(lambda: observer.newest(WORKER) == "online", 5, "the worker is connected")
            push(worker, east=12_400_000 + 10 * number, minute=number)
            stop(worker)
        total = 12_400_000 + 10 * number
        eventually(lambda: observer.newest_json(STATE).get("east") == total, 5, "it")  # noqa: B023
        assert observer.newest(WORKER) == "offline"
