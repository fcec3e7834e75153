"""The real worker against hostile and clumsy peers: every rule of the server has a test."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.launcher.free_port import free_port
from hems.protocols.linky.d2l_frames import D2lCipher, D2lFrame, PayloadType, decode_clock, encode
from hems.protocols.web.proxy_protocol import ProxyEndpoint
from hems.protocols.web.proxy_protocol import encode as proxy_header
from tests.integration.d2l import ID, IV, KEY, D2lWorker, Dongle, payload, sealed
from tests.integration.worker_process import ROOT, eventually

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[D2lWorker]:
    """One worker without a broker: everything here is about the meters' side."""
    with D2lWorker(
        tmp_path_factory.mktemp("d2l"),
        free_port(None),
        first_header_timeout_s=1,
        frame_timeout_s=0.7,
        idle_timeout_s=1.2,
        max_frames_per_minute=2000,
    ) as running:
        yield running
        assert running.stop() == 0


@pytest.fixture
def dongle(worker: D2lWorker) -> Iterator[Dongle]:
    with Dongle(worker.port) as connected:
        yield connected


def is_alive(worker: D2lWorker) -> bool:
    with Dongle(worker.port) as meter:
        meter.send(meter.clock_request())
        return meter.answer() is not None


def test_a_clock_request_is_answered_with_the_time(dongle: Dongle) -> None:
    dongle.send(dongle.clock_request())
    answer = dongle.answer()
    assert answer is not None
    assert (answer.is_response, answer.type, answer.device_id) == (True, PayloadType.GET_CLOCK, ID)
    assert abs(decode_clock(answer.payload) - time.time()) < 5


def test_a_reading_is_answered_without_a_broker(dongle: Dongle) -> None:
    dongle.send(dongle.push())
    answer = dongle.answer()
    assert answer is not None
    assert answer.type == PayloadType.PUSH_JSON


def test_every_answer_has_a_random_of_its_own(dongle: Dongle) -> None:
    dongle.send(dongle.clock_request() * 2)
    first, second = dongle.answer(), dongle.answer()
    assert first is not None
    assert second is not None
    assert first.random != second.random


def test_a_frame_that_dribbles_in_is_answered(dongle: Dongle) -> None:
    dongle.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in dongle.clock_request():
        dongle.send(bytes([byte]))
        time.sleep(0.005)
    assert dongle.answer() is not None


def test_several_frames_in_one_segment_are_all_answered(dongle: Dongle) -> None:
    dongle.send(dongle.clock_request() + dongle.push() + dongle.clock_request())
    answers = [dongle.answer() for _ in range(3)]
    assert [one and one.type for one in answers] == [5, 3, 5]


def test_one_frame_after_another_on_one_connection(dongle: Dongle) -> None:
    for _ in range(5):
        dongle.send(dongle.push())
        assert dongle.answer() is not None


def test_a_half_closed_peer_still_gets_its_answer(dongle: Dongle) -> None:
    dongle.send(dongle.clock_request())
    dongle.socket.shutdown(socket.SHUT_WR)
    assert dongle.answer() is not None


def changed(data: bytes, offset: int, value: int) -> bytes:
    return data[:offset] + bytes([value]) + data[offset + 1 :]


HEADER = proxy_header(ProxyEndpoint("192.0.2.7", 4711), ProxyEndpoint("192.0.2.1", 7845))
GOOD = sealed(PayloadType.GET_CLOCK, b"")
REFUSED = {
    "another protocol version": changed(GOOD, 0, 2),
    "an unused byte that is not 0": changed(GOOD, 1, 1),
    "a size that is no multiple of 16": changed(GOOD, 2, 49),
    "a size below 48": changed(GOOD, 2, 32),
    "a size above 4096": changed(GOOD, 3, 0x20),
    "another encryption method": changed(GOOD, 12, 2),
    "unused bits of the method": changed(GOOD, 12, 9),
    "an unused byte 13": changed(GOOD, 13, 1),
    "a wrong CRC": changed(GOOD, 32, GOOD[32] ^ 1),
    "an id that is not listed": sealed(PayloadType.GET_CLOCK, b"", ID + 99),
    "a listed id that the frame was not made for": changed(GOOD, 4, GOOD[4] ^ 3),
    "a response": sealed(PayloadType.GET_CLOCK, b"", is_response=True),
    "an unknown type": sealed(9, b""),
    "bytes that are no frame": b"GET / HTTP/1.1\r\n\r\n",
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED.keys())
def test_hung_up_without_an_answer(worker: D2lWorker, dongle: Dongle, data: bytes) -> None:
    dongle.send(data)
    assert dongle.answer(timeout_s=0.6) is None  # before any patience of the server ends
    assert is_alive(worker)


AUTHENTIC = {
    "no payload": b"",
    "no JSON": b"{",
    "bytes that are not UTF-8": b"\xff" * 40,
    "JSON that is no object": b"[]",
    "an object without strings": b'{"EAST": true}',
    "JSON with more behind it": payload() + b" 1",
    "JSON without its end": payload()[:-1],
    "an id that is not the header's": payload(_ID_D2L="011601000002"),
    "an unknown mode": payload(_TYPE_TRAME="PMEPMI"),
    "200 keys more": payload(ID, **{f"K{number}": "" for number in range(200)}),
    "nesting without end": b'{"A":' * 800,
}


@pytest.mark.parametrize("content", AUTHENTIC.values(), ids=AUTHENTIC.keys())
def test_an_authentic_frame_is_answered_whatever_its_payload(
    dongle: Dongle, content: bytes
) -> None:
    dongle.send(sealed(PayloadType.PUSH_JSON, content) + dongle.clock_request())
    answers = [dongle.answer() for _ in range(2)]
    assert [one and one.type for one in answers] == [PayloadType.PUSH_JSON, PayloadType.GET_CLOCK]


def test_another_devices_key_is_refused(worker: D2lWorker, dongle: Dongle) -> None:
    forged = encode(D2lFrame(ID, PayloadType.GET_CLOCK, b"", os.urandom(16)), D2lCipher(IV, KEY))
    dongle.send(forged)
    assert dongle.answer(timeout_s=0.6) is None


def test_two_devices_on_one_connection_are_refused(dongle: Dongle) -> None:
    dongle.send(dongle.clock_request())
    assert dongle.answer() is not None
    dongle.send(sealed(PayloadType.GET_CLOCK, b"", ID + 1))
    assert dongle.answer(timeout_s=0.6) is None


def test_a_frame_with_the_error_bit_is_processed(dongle: Dongle) -> None:
    dongle.send(sealed(PayloadType.PUSH_JSON, payload(), has_error=True))
    assert dongle.answer() is not None


def test_a_wish_for_firmware_gets_no_answer_and_keeps_the_connection(dongle: Dongle) -> None:
    dongle.send(sealed(PayloadType.FIRMWARE_UPDATE, b""))
    dongle.send(dongle.clock_request())
    answer = dongle.answer()
    assert answer is not None
    assert answer.type == PayloadType.GET_CLOCK


def test_no_internet_is_answered(dongle: Dongle) -> None:
    dongle.send(sealed(PayloadType.NO_INTERNET, b""))
    assert dongle.answer() is not None


def test_a_silent_peer_is_hung_up_on(dongle: Dongle) -> None:
    started = time.monotonic()
    assert dongle.answer(timeout_s=8) is None
    assert 0.9 < time.monotonic() - started < 6


def test_an_idle_peer_is_hung_up_on_later(dongle: Dongle) -> None:
    dongle.send(dongle.clock_request())
    assert dongle.answer() is not None
    started = time.monotonic()
    assert dongle.answer(timeout_s=8) is None
    assert 1.1 < time.monotonic() - started < 6


def test_a_frame_that_is_never_whole_is_hung_up_on(dongle: Dongle) -> None:
    dongle.send(dongle.push()[:-1])
    started = time.monotonic()
    assert dongle.answer(timeout_s=8) is None
    assert 0.6 < time.monotonic() - started < 6


def test_dribbling_does_not_extend_a_frames_time(dongle: Dongle) -> None:
    started = time.monotonic()
    with contextlib.suppress(ConnectionError):
        for byte in dongle.push():
            dongle.send(bytes([byte]))
            time.sleep(0.05)  # a minute in all
    assert time.monotonic() - started < 6


def test_500_silent_connections_do_not_keep_a_meter_waiting(worker: D2lWorker) -> None:
    silent = [socket.create_connection(("127.0.0.1", worker.port)) for _ in range(500)]
    try:
        started = time.monotonic()
        assert is_alive(worker)
        assert time.monotonic() - started < 2
    finally:
        for one in silent:
            one.close()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[D2lWorker]:
    with D2lWorker(
        tmp_path,
        free_port(None),
        max_connections=5,
        max_connections_per_device=2,
        max_frames_per_minute=10,
    ) as running:
        yield running
        assert running.stop() == 0


def test_silent_connections_give_way_when_all_places_are_taken(small: D2lWorker) -> None:
    silent = [socket.create_connection(("127.0.0.1", small.port)) for _ in range(5)]
    assert is_alive(small)
    silent[0].settimeout(5)
    assert silent[0].recv(1) == b""
    for one in silent:
        one.close()


def test_a_devices_oldest_connection_gives_way(small: D2lWorker) -> None:
    meters = [Dongle(small.port) for _ in range(3)]
    for meter in meters:
        meter.send(meter.clock_request())
        assert meter.answer() is not None
    assert meters[0].answer(timeout_s=5) is None
    meters[1].send(meters[1].clock_request())
    assert meters[1].answer() is not None
    for meter in meters:
        meter.socket.close()


def test_the_log_stays_small_and_shows_no_key(small: D2lWorker) -> None:
    for _ in range(300):
        with socket.create_connection(("127.0.0.1", small.port)) as knock:
            knock.sendall(sealed(PayloadType.GET_CLOCK, b"", ID + 99))
            knock.recv(1)
    text = small.log_file.read_text() + small.log()
    assert "unknown device: 011601000100; to admit it add it to D2L_DEVICES" in text
    assert KEY.hex() not in text
    assert IV.hex() not in text
    assert len(text) < 5000


def test_one_that_never_sends_a_frame_is_too_slow_even_if_both_time_limits_are_equal(
    tmp_path: Path,
) -> None:
    limits = {"first_header_timeout_s": 0.5, "idle_timeout_s": 0.5}
    with D2lWorker(tmp_path, free_port(None), **limits) as worker:
        with Dongle(worker.port) as silent:
            assert silent.answer() is None
        eventually(lambda: "no whole frame within 0.5 s" in worker.log(), 5, "it is refused")
        with Dongle(worker.port) as idle:
            idle.send(idle.clock_request())
            assert idle.answer() is not None
            assert idle.answer() is None
        assert worker.log().count("no whole frame") == 1
        assert worker.stop() == 0


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[D2lWorker]:
    with D2lWorker(
        tmp_path, free_port(None), proxy_addresses="127.0.0.1", first_header_timeout_s=1
    ) as running:
        yield running
        assert running.stop() == 0


def test_behind_a_proxy_the_meters_own_address_is_known(proxied: D2lWorker) -> None:
    with Dongle(proxied.port) as meter:
        meter.send(HEADER + meter.clock_request())
        assert meter.answer() is not None
        meter.send(b"rubbish")
        assert meter.answer() is None
    eventually(lambda: "192.0.2.7: malformed header" in proxied.log(), 5, "its address")


def test_a_proxy_that_sends_no_header_is_refused(proxied: D2lWorker) -> None:
    with Dongle(proxied.port) as meter:
        meter.send(meter.clock_request())
        assert meter.answer() is None


def test_a_proxy_header_that_does_not_come_is_not_waited_for(proxied: D2lWorker) -> None:
    with Dongle(proxied.port) as meter:
        meter.send(b"PROXY TCP4 ")
        assert meter.answer(timeout_s=6) is None


def test_a_header_from_anybody_else_is_refused(worker: D2lWorker, dongle: Dongle) -> None:
    dongle.send(HEADER + dongle.clock_request())
    assert dongle.answer(timeout_s=0.6) is None


def test_a_clock_that_is_not_trusted_is_not_given_away(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "from hems.system.clock import SystemClock\n"
        "SystemClock.is_synchronised = lambda self: False\n"
    )
    with (
        D2lWorker(
            tmp_path,
            free_port(None),
            require_synchronised_clock="true",
            PYTHONPATH=f"{tmp_path}:{ROOT}",
        ) as running,
        Dongle(running.port) as meter,
    ):
        meter.send(meter.push())
        with pytest.raises(TimeoutError):
            meter.answer(timeout_s=1)
        assert "meters get no answer: NTP has not set it" in running.log()


def test_frames_behind_an_eviction_do_no_harm(small: D2lWorker) -> None:
    """What had arrived on an evicted connection must not be taken for an open one."""
    meters = [Dongle(small.port) for _ in range(3)]
    for meter in meters[:2]:
        meter.send(meter.clock_request())
        assert meter.answer() is not None
    meters[2].send(meters[2].clock_request())  # evicts the first, which goes on sending
    meters[0].send(meters[0].clock_request() * 3)
    assert meters[2].answer() is not None
    for meter in meters:
        meter.socket.close()
    assert is_alive(small)


def test_frames_sent_again_do_not_keep_the_meter_out(small: D2lWorker) -> None:
    with Dongle(small.port) as thief, Dongle(small.port) as meter:
        frame = meter.clock_request()
        meter.send(frame)
        assert meter.answer() is not None
        thief.send(frame * 30)
        assert all(thief.answer() is not None for _ in range(30))
        meter.send(meter.clock_request())
        assert meter.answer() is not None


def test_a_peer_that_does_not_read_its_answers_is_dropped(tmp_path: Path) -> None:
    with D2lWorker(
        tmp_path, free_port(None), frame_timeout_s=1, max_frames_per_minute=100_000
    ) as running:
        flood = socket.socket()
        flood.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)  # the smallest there is
        flood.connect(("127.0.0.1", running.port))
        flood.settimeout(20)
        requests = b"".join(sealed(PayloadType.GET_CLOCK, b"") for _ in range(90_000))
        with pytest.raises(ConnectionError):
            flood.sendall(requests)
        flood.close()
        eventually(lambda: "does not read its answers" in running.log(), 5, "the reason")
        assert is_alive(running)


def test_it_stops_at_once_with_connections_open(tmp_path: Path) -> None:
    with D2lWorker(tmp_path, free_port(None)) as running:
        meters = [Dongle(running.port) for _ in range(20)]
        meters[0].send(meters[0].clock_request())
        assert meters[0].answer() is not None
        started = time.monotonic()
        assert running.stop() == 0
        assert time.monotonic() - started < 4
        for meter in meters:
            meter.socket.close()
