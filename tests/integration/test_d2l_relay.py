"""Relay mode: the vendor's server sees every frame; it may be slow, gone or broken."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dev.launcher.free_port import free_port
from hems.protocols.linky.d2l_frame_reader import D2lFrameReader
from hems.protocols.linky.d2l_frames import (
    D2lFrame,
    clock_answer,
    decode,
    decode_clock,
    encode,
)
from tests.integration.d2l import CIPHER, D2lWorker, Dongle, sealed

pytestmark = pytest.mark.integration

VENDORS_TIME = 1_600_000_000


class Vendor:
    """A D2L server that answers as `behave` says and keeps what it got."""

    def __init__(self, behave: Callable[[D2lFrame], bytes], port: int = 0) -> None:
        self.received: list[bytes] = []
        self._behave = behave
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        frames = D2lFrameReader()
        with connection:
            while data := connection.recv(4096):
                frames.receive_data(data)
                while (frame := frames.next_frame()) is not None:
                    self.received.append(frame)
                    try:
                        connection.sendall(self._behave(decode(frame, CIPHER)))
                    except OSError:
                        return


def honest(frame: D2lFrame) -> bytes:
    return encode(clock_answer(frame, VENDORS_TIME, bytes(16)), CIPHER)


def slow(frame: D2lFrame) -> bytes:
    time.sleep(1.5)
    return honest(frame)


def rubbish(frame: D2lFrame) -> bytes:
    return b"HTTP/1.1 500 Oops\r\n\r\n"


def silent(frame: D2lFrame) -> bytes:
    return b""


def for_another_device(frame: D2lFrame) -> bytes:
    return sealed(frame.type, bytes(4), frame.device_id + 1, is_response=True)


def relaying(tmp_path: Path, port: int) -> D2lWorker:
    upstream = f"127.0.0.1:{port}"
    return D2lWorker(tmp_path, free_port(None), upstream=upstream, upstream_timeout_s=0.5)


def is_vendors(answer: D2lFrame | None) -> bool:
    assert answer is not None, "no answer at all"
    return decode_clock(answer.payload) == VENDORS_TIME


def test_the_vendor_gets_every_frame_as_it_came_and_its_answer_reaches_the_meter(
    tmp_path: Path,
) -> None:
    vendor = Vendor(honest)
    with relaying(tmp_path, vendor.port) as worker, Dongle(worker.port) as meter:
        sent = [meter.push(), meter.clock_request(), meter.push()]
        for frame in sent:
            meter.send(frame)
            assert is_vendors(meter.answer())
    assert vendor.received == sent
    vendor.close()


def test_a_flood_does_not_reach_the_vendor_and_is_answered(tmp_path: Path) -> None:
    vendor = Vendor(honest)
    with relaying(tmp_path, vendor.port) as worker, Dongle(worker.port) as meter:
        answers = []
        for _ in range(80):
            meter.send(meter.clock_request())
            answers.append(is_vendors(meter.answer()))
    assert answers[:60] == [True] * 60
    assert answers.count(False) >= 10
    assert len(vendor.received) == answers.count(True)
    vendor.close()


@pytest.mark.parametrize("behave", [slow, rubbish, silent, for_another_device])
def test_a_vendor_that_does_not_answer_well_is_answered_for(
    tmp_path: Path, behave: Callable[[D2lFrame], bytes]
) -> None:
    vendor = Vendor(behave)
    with relaying(tmp_path, vendor.port) as worker, Dongle(worker.port) as meter:
        for _ in range(3):
            started = time.monotonic()
            meter.send(meter.push())
            assert not is_vendors(meter.answer())
            assert time.monotonic() - started < 2.5
        assert len(vendor.received) == 3
        assert worker.log().count("vendor's server") == 1
    vendor.close()


def test_a_vendor_that_is_down_is_answered_for_and_used_again_once_it_is_up(tmp_path: Path) -> None:
    port = free_port(None)
    with relaying(tmp_path, port) as worker, Dongle(worker.port) as meter:
        meter.send(meter.push())
        assert not is_vendors(meter.answer())
        vendor = Vendor(honest, port)
        meter.send(meter.push())
        assert is_vendors(meter.answer())
        vendor.close()


def test_a_frame_that_is_refused_never_reaches_the_vendor(tmp_path: Path) -> None:
    vendor = Vendor(honest)
    with relaying(tmp_path, vendor.port) as worker, Dongle(worker.port) as meter:
        meter.send(meter.push()[:-16] + bytes(16))
        assert meter.answer() is None
    assert vendor.received == []
    vendor.close()
