"""The real worker and the real mosquitto: what Home Assistant gets to see, and when."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hems.protocols.linky.d2l_frames import PayloadType
from tests.integration.d2l import ID, D2lWorker, Dongle, horodate, payload, sealed
from tests.integration.mosquitto import PASSWORD, Mosquitto, Observer
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.integration

CONFIG = f"homeassistant/device/d2l_{ID:012d}/config"
STATE = f"hems/d2l/{ID:012d}/state"
ONLINE = f"hems/d2l/{ID:012d}/availability"
WORKER = "hems/eesmart-d2l/availability"


@pytest.fixture
def worker(tmp_path: Path, broker: Mosquitto) -> Iterator[D2lWorker]:
    with D2lWorker(
        tmp_path,
        broker.port,
        HEMS_MQTT_TIMEOUT_S="1",
        HEMS_MQTT_BACKOFF_MAX_S="1",
        silent_after_s=3,
    ) as running:
        yield running


def push(worker: D2lWorker, **changes: str) -> None:
    """Send one reading and wait for its answer."""
    with Dongle(worker.port) as meter:
        meter.send(meter.push(**changes))
        assert meter.answer() is not None


def minute(number: int) -> str:
    """Return the DATE of a later minute."""
    return horodate(time.time() + 60 * number)


def test_a_reading_becomes_a_device_with_its_state(worker: D2lWorker, observer: Observer) -> None:
    push(worker, EAST="000123456")
    eventually(lambda: observer.newest(ONLINE) == "online", 5, "the meter is online")
    assert observer.newest(WORKER) == "online"
    assert observer.newest_json(STATE)["east"] == 123456
    config = observer.newest_json(CONFIG)
    assert config["state_topic"] == STATE
    assert {one["topic"] for one in config["availability"]} == {WORKER, ONLINE}
    assert config["components"]["east"]["unique_id"] == f"d2l_{ID:012d}_east"
    assert "last_frame" in observer.newest_json(STATE)


def test_nothing_that_names_the_home_or_a_key_is_published(
    worker: D2lWorker, observer: Observer
) -> None:
    push(worker, ADSC="041876543210", PRM="09123456789012")
    eventually(lambda: observer.count(STATE) > 0, 5, "a state")
    everything = json.dumps(observer.messages)
    for personal in ("041876543210", "09123456789012", "12341234", "fc91837f"):
        assert personal not in everything


def test_what_is_published_is_retained(
    worker: D2lWorker, observer: Observer, broker: Mosquitto
) -> None:
    push(worker)
    eventually(lambda: observer.newest(ONLINE) == "online", 5, "the meter is online")
    with Observer(broker.port) as later:
        eventually(
            lambda: {CONFIG, STATE, ONLINE, WORKER} <= {topic for topic, _ in later.messages},
            5,
            "all that is retained",
        )


def test_a_repeated_frame_is_answered_but_published_once(
    worker: D2lWorker, observer: Observer
) -> None:
    with Dongle(worker.port) as meter:
        frame = meter.push()
        for _ in range(3):
            meter.send(frame)
            assert meter.answer() is not None
    eventually(lambda: observer.count(STATE) == 1, 5, "the first state")
    push(worker, EAST="012345679")
    eventually(lambda: observer.newest_json(STATE).get("east") == 12345679, 5, "the next reading")
    assert observer.count(STATE) == 2


def test_an_older_reading_is_answered_but_not_published(
    worker: D2lWorker, observer: Observer
) -> None:
    push(worker, DATE=minute(30), EAST="012400000")
    push(worker, DATE=minute(20), EAST="012400001")
    push(worker, DATE=minute(40), EAST="012400002")
    eventually(lambda: observer.newest_json(STATE).get("east") == 12400002, 5, "the newest reading")
    assert 12400001 not in [json.loads(text)["east"] for text in observer.of(STATE)]


def test_an_old_reading_does_not_become_the_truth_after_a_restart(
    worker: D2lWorker, observer: Observer
) -> None:
    eventually(lambda: observer.newest(WORKER) == "online", 5, "the worker is connected")
    push(worker, DATE=horodate(time.time() - 2 * 3600), EAST="000000001")
    push(worker, EAST="012400000")
    eventually(
        lambda: observer.newest_json(STATE).get("east") == 12400000, 5, "the present reading"
    )
    assert observer.count(STATE) == 1


@pytest.mark.parametrize("fallen", ["000000000", "012399999"])
def test_an_index_never_falls(worker: D2lWorker, observer: Observer, fallen: str) -> None:
    push(worker, DATE=minute(10), EAST="012400000", SINSTS="00100")
    push(worker, DATE=minute(20), EAST=fallen, SINSTS="00222")
    eventually(lambda: observer.newest_json(STATE).get("sinsts") == 222, 5, "the second reading")
    assert observer.newest_json(STATE)["east"] == 12400000
    eventually(lambda: "EAST is held" in worker.log(), 5, "a log line")


def test_power_is_estimated(worker: D2lWorker, observer: Observer) -> None:
    begin = time.time()
    push(worker, DATE=horodate(begin), EAST="012400000")
    push(worker, DATE=horodate(begin + 60), EAST="012400040")
    eventually(lambda: observer.newest_json(STATE).get("power_estimated") == 2400, 5, "2400 W")


def test_power_is_unknown_after_a_reading_that_is_refused(
    worker: D2lWorker, observer: Observer
) -> None:
    begin = time.time()
    refused = {"rubbish": b"{", "time": payload(DATE=horodate(begin - 300))}
    for number, content in enumerate(refused.values()):
        for minute_ in (0, 1):
            at, east = begin + 600 * number + 60 * minute_, 12_400_000 + 400 * number
            push(worker, DATE=horodate(at), EAST=f"{east + 40 * minute_:09d}")
        eventually(lambda: observer.newest_json(STATE).get("power_estimated") == 2400, 5, "2400 W")
        with Dongle(worker.port) as meter:
            meter.send(sealed(PayloadType.PUSH_JSON, content))
            assert meter.answer() is not None
        eventually(lambda: observer.newest_json(STATE).get("power_estimated") is None, 5, "unknown")


def test_a_wish_for_firmware_is_shown(worker: D2lWorker, observer: Observer) -> None:
    push(worker)
    eventually(
        lambda: observer.newest_json(STATE).get("firmware_update_wanted") is False, 5, "no wish yet"
    )
    with Dongle(worker.port) as meter:
        meter.send(sealed(PayloadType.FIRMWARE_UPDATE, b"") + meter.clock_request())
        assert meter.answer() is not None
    eventually(
        lambda: observer.newest_json(STATE).get("firmware_update_wanted") is True, 5, "the wish"
    )


def test_discovery_is_sent_again_when_home_assistant_starts(
    worker: D2lWorker, observer: Observer
) -> None:
    push(worker)
    eventually(lambda: observer.newest(ONLINE) == "online", 5, "the meter is online")
    before = observer.count(CONFIG)
    observer.publish("homeassistant/status", "online")
    eventually(lambda: observer.count(CONFIG) == before + 1, 5, "discovery again")


def test_a_meter_that_falls_silent_becomes_unavailable_and_comes_back(
    worker: D2lWorker, observer: Observer
) -> None:
    push(worker)
    eventually(lambda: observer.newest(ONLINE) == "online", 5, "online")
    eventually(lambda: observer.newest(ONLINE) == "offline", 20, "offline")
    push(worker, EAST="012345678")
    eventually(lambda: observer.newest(ONLINE) == "online", 5, "online again")


def test_the_newest_reading_is_sent_when_the_broker_is_back(
    worker: D2lWorker, broker: Mosquitto
) -> None:
    broker.kill()
    for number in range(10, 15):
        push(worker, DATE=minute(number), EAST=f"0124000{number}")
    broker.start()
    with Observer(broker.port) as observer:
        eventually(lambda: observer.newest(ONLINE) == "online", 15, "back")
        assert observer.newest_json(STATE)["east"] == 12400014
        assert observer.count(STATE) == 1
        assert observer.newest(WORKER) == "online"
    text = worker.log()
    assert (
        text.count("; trying again") <= 2
    )  # one line when it begins, and the reason may change once
    assert "works again after" in text


def test_a_frozen_broker_delays_no_answer(
    worker: D2lWorker, broker: Mosquitto, observer: Observer
) -> None:
    push(worker, EAST="012400000")
    eventually(lambda: observer.newest(ONLINE) == "online", 5, "the meter is online")
    broker.freeze()
    with Dongle(worker.port) as meter:
        for number in range(20):
            started = time.monotonic()
            meter.send(meter.push(DATE=minute(number + 10), EAST=f"0124000{number:02d}"))
            assert meter.answer() is not None
            assert time.monotonic() - started < 1
            time.sleep(0.1)  # beyond the broker's time-out in all
    broker.thaw()
    with Observer(broker.port) as later:
        eventually(
            lambda: later.newest_json(STATE).get("east") == 12400019, 60, "the newest reading"
        )


def test_killed_the_worker_is_offline_by_its_last_will(
    worker: D2lWorker, observer: Observer
) -> None:
    eventually(lambda: observer.newest(WORKER) == "online", 5, "online")
    worker.process.send_signal(signal.SIGKILL)
    eventually(lambda: observer.newest(WORKER) == "offline", 5, "offline")


def test_stopped_the_worker_says_that_it_is_offline(worker: D2lWorker, observer: Observer) -> None:
    eventually(lambda: observer.newest(WORKER) == "online", 5, "online")
    assert worker.stop() == 0
    eventually(lambda: observer.newest(WORKER) == "offline", 5, "offline")


def test_a_refused_login_says_what_to_check(tmp_path: Path, broker: Mosquitto) -> None:
    with D2lWorker(tmp_path, broker.port, MQTT_PASSWORD="wrong") as running:
        eventually(
            lambda: "refuses the login: check MQTT_USER and MQTT_PASSWORD" in running.log(),
            10,
            "the reason",
        )
        push(running)
        assert running.stop() == 0
        assert "wrong" not in running.log()


def test_started_before_there_is_a_login_it_ends_and_finds_it_the_next_time(
    tmp_path: Path, broker: Mosquitto, observer: Observer
) -> None:
    made = tmp_path / "secrets"
    late = {"MQTT_PASSWORD": "", "HEMS_PROVISION_GATEWAY_DIRECTORY": tmp_path}
    early = D2lWorker(tmp_path, broker.port, **late)
    try:
        assert early.process.wait(15) == 1
    finally:
        early.kill()
    assert "no login at the broker yet" in early.log()
    made.mkdir()
    (made / "MQTT_PASSWORD").write_text(PASSWORD)
    with D2lWorker(tmp_path, broker.port, **late):
        eventually(lambda: observer.newest(WORKER) == "online", 10, "online")
