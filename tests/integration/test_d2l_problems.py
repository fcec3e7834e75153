"""The problems that the real eesmart-d2l reports, in a process whose hour has few seconds."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from hems.protocols.gateway.refusals_of_an_hour import PROBLEM
from hems.protocols.linky.d2l_frames import D2lCipher, D2lFrame, PayloadType, encode
from tests.integration.d2l import ID, IV, D2lWorker, Dongle, entry, payload
from tests.integration.mosquitto import Mosquitto
from tests.integration.notify_receiver import NotifyReceiver
from tests.integration.worker_process import ROOT, eventually

pytestmark = pytest.mark.integration

WITHIN_S = 60.0  # on a busy machine
HOUR = """
from hems.protocols.gateway import refusals_of_an_hour
from hems.workers.eesmart_d2l import silent_meters
refusals_of_an_hour.HOUR_S, refusals_of_an_hour.SLOT_S = 15.0, 1.0
silent_meters.NEVER_SEEN_S = 3.0
"""
STRANGER = "127.0.0.66"
UNSEEN, REFUSED = "meter-never-seen", "access-refused"


@pytest.fixture
def reports(tmp_path: Path) -> Iterator[NotifyReceiver]:
    with NotifyReceiver(tmp_path) as receiver:
        yield receiver


@pytest.fixture
def worker(tmp_path: Path, broker: Mosquitto, reports: NotifyReceiver) -> Iterator[D2lWorker]:
    (tmp_path / "sitecustomize.py").write_text(HOUR)
    settings = {
        "D2L_DEVICES": entry(),
        "NOTIFY_SOCKET": reports.path,
        "PYTHONPATH": f"{tmp_path}:{ROOT}",
        "WATCHDOG_USEC": 2_000_000,  # it reports at least as often
    }
    with D2lWorker(tmp_path, broker.port, **settings) as running:
        yield running


def send_with_another_key(port: int, source: str) -> None:
    frame = D2lFrame(ID, PayloadType.PUSH_JSON, payload(), bytes(16))
    with Dongle(port, source=source) as dongle:
        dongle.send(encode(frame, D2lCipher(bytes(16), IV)))
        assert dongle.answer(WITHIN_S) is None


def test_a_meter_that_never_sent_a_valid_frame_is_a_problem_until_it_does(
    worker: D2lWorker, reports: NotifyReceiver
) -> None:
    eventually(partial(reports.has, UNSEEN), WITHIN_S, "the problem")
    assert "no frame with its id has arrived" in reports.newest()["X_PROBLEMS"]
    send_with_another_key(worker.port, "127.0.0.1")
    eventually(
        lambda: "the newest with its id was refused" in reports.newest()["X_PROBLEMS"],
        WITHIN_S,
        "why",
    )
    assert reports.has(UNSEEN)
    with Dongle(worker.port) as dongle:
        dongle.send(dongle.push())
        assert dongle.answer(WITHIN_S) is not None
    eventually(partial(reports.has_none, UNSEEN), WITHIN_S, "its end")


def test_a_stranger_who_is_refused_again_and_again_is_a_problem_until_an_hour_has_passed(
    worker: D2lWorker, reports: NotifyReceiver
) -> None:
    for _ in range(2):
        eventually(partial(reports.has_none, REFUSED), WITHIN_S, "no problem")
        for _number in range(PROBLEM + 50):
            send_with_another_key(worker.port, STRANGER)
        eventually(partial(reports.has, REFUSED), WITHIN_S, "the problem")
        assert STRANGER in reports.newest()["X_PROBLEMS"]
    eventually(partial(reports.has_none, REFUSED), WITHIN_S, "its end")
