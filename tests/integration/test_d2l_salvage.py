"""The real worker and the real mosquitto: what is published of a payload that was damaged."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hems.protocols.linky.d2l_frames import PayloadType
from tests.integration.d2l import ID, D2lWorker, Dongle, horodate, payload, sealed
from tests.integration.mosquitto import Mosquitto, Observer
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.integration

STATE = f"hems/d2l/{ID:012d}/state"
EAST = b'"012400000"'
VOLTAGE = 241  # of the damaged frame; the frames around it have others


@pytest.fixture
def worker(tmp_path: Path, broker: Mosquitto) -> Iterator[D2lWorker]:
    with D2lWorker(tmp_path, broker.port) as running:
        yield running


def content(voltage: int, minute: int, **changes: str) -> bytes:
    """Return a reading whose EAST comes after URMS1."""
    document = json.loads(payload(ID, DATE=horodate(time.time() + 60 * minute), **changes))
    east = document.pop("EAST")
    return json.dumps(document | {"URMS1": str(voltage), "EAST": east, "MSG9": "last"}).encode()


def push(worker: D2lWorker, text: bytes) -> None:
    """Send one reading and wait for its answer."""
    with Dongle(worker.port) as meter:
        meter.send(sealed(PayloadType.PUSH_JSON, text))
        assert meter.answer() is not None


def wait_for(voltage: int, observer: Observer) -> None:
    eventually(lambda: observer.newest_json(STATE).get("urms1") == voltage, 5, "the reading")


def put(value: bytes) -> Callable[[bytes], bytes]:
    """Return what puts `value` in the place of EAST's value."""
    return lambda text: value.join(text.rsplit(EAST, 1))


DAMAGED: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "its last character is missing": (lambda text: text[:-1], "payload: found no end"),
    "cut in a value": (lambda text: text[: text.rindex(EAST) + 6], "EAST: cut off"),
    "cut before a value": (lambda text: text[: text.rindex(EAST)], "EAST: cut off"),
    "cut in a label": (lambda text: text[: text.rindex(b'ST": ' + EAST)], "payload: cut off"),
    "a byte that is not UTF-8": (put(b'"01240\xff000"'), "EAST: not UTF-8"),
    "a control character": (put(b'"01240\x01000"'), "EAST: malformed"),
    "half an escape": (put(b'"01240\\u00"'), "EAST: malformed"),
    "a missing quote": (put(b'"012400000'), "EAST: malformed"),
    "a fraction": (put(b"1240.5"), "EAST: found the number 1240.5"),
    "true": (put(b"true"), "EAST: found bool"),
    "an object": (put(b'{"EAST": "000000001"}'), "EAST: found dict"),
    "an array": (put(b'["000000001"]'), "EAST: found list"),
    "two values": (put(b'"012400000", "EAST": "000000001"'), "EAST: sent twice"),
    "bytes after its end": (lambda text: text + b"\0\0", "payload: found more after its end"),
}


@pytest.mark.parametrize(("damage", "fault"), DAMAGED.values(), ids=DAMAGED.keys())
def test_what_is_certain_is_published_and_the_rest_is_named(
    worker: D2lWorker, observer: Observer, damage: Callable[[bytes], bytes], fault: str
) -> None:
    frames = {
        VOLTAGE - 1: content(VOLTAGE - 1, -2, EAST="012400000"),
        VOLTAGE: damage(content(VOLTAGE, -1, EAST="012400000")),
        VOLTAGE + 1: content(VOLTAGE + 1, 0, EAST="012400010"),
    }
    for voltage, text in frames.items():
        push(worker, text)
        wait_for(voltage, observer)
    states = [json.loads(text) for text in observer.of(STATE)]
    assert [state["urms1"] for state in states] == [VOLTAGE - 1, VOLTAGE, VOLTAGE + 1]
    assert {state.get("east") for state in states} <= {None, 12400000, 12400010}
    assert states[-1]["east"] == 12400010
    eventually(lambda: fault in worker.log(), 5, "the fault in the log")


@pytest.mark.parametrize(
    ("damage", "east"), [(put(b"12400000"), 12400000), (put(b"null"), None)], ids=["number", "null"]
)
def test_a_value_whose_meaning_is_certain_is_no_fault(
    worker: D2lWorker, observer: Observer, damage: Callable[[bytes], bytes], east: int | None
) -> None:
    push(worker, damage(content(VOLTAGE, 0, EAST="012400000")))
    wait_for(VOLTAGE, observer)
    assert observer.newest_json(STATE).get("east") == east
    assert "left out" not in worker.log()


def test_another_dongles_reading_is_answered_but_not_published(
    worker: D2lWorker, observer: Observer
) -> None:
    push(worker, content(VOLTAGE, -1, _ID_D2L="011601000002"))
    push(worker, content(VOLTAGE + 1, 0))
    wait_for(VOLTAGE + 1, observer)
    assert observer.count(STATE) == 1
    assert "_ID_D2L: found '011601000002'" in worker.log()
