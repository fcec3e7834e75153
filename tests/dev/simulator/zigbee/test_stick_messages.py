from __future__ import annotations

import pytest

from dev.simulator.zigbee.aps_frames import HOME_AUTOMATION, ZDO_PROFILE, ApsFrame
from dev.simulator.zigbee.ezsp_constants import EzspCallback, EzspCommand
from dev.simulator.zigbee.metering_attributes import METERING
from dev.simulator.zigbee.metering_devices import MeterModel, meter
from dev.simulator.zigbee.stick import Stick
from dev.simulator.zigbee.stick_memory import NO_EUI64, StickMemory
from dev.simulator.zigbee.zdo import Zdo
from dev.simulator.zigbee.zigbee_device import ZigbeeDevice
from tests.dev.simulator.zigbee.ezsp_host import EzspHost, unicast
from tests.fakes.scheduler import FakeScheduler

EUI64 = bytes(range(1, 9))
READ = ApsFrame(HOME_AUTOMATION, METERING, 1, 1)
QUESTION, ANSWER = b"\x00\x01\x00\x00\x00", b"\x18\x01\x01\x00\x00\x00\x25" + bytes(6)
OPEN = b"\x3c"
SENT, FAILED = b"\x00\x00", b"\x66\x00"  # status, and no message


@pytest.fixture
def host() -> EzspHost:
    """Return a host whose network is open."""
    scheduler = FakeScheduler()
    running = EzspHost(Stick(scheduler, StickMemory()), scheduler)
    running.connect()
    running.form()
    running.ask(EzspCommand.PERMIT_JOINING, OPEN)
    running.callbacks.clear()
    return running


@pytest.fixture
def device(host: EzspHost) -> ZigbeeDevice:
    """Return a device that has joined."""
    joined = meter(host.scheduler, host.stick, EUI64, MeterModel())
    assert joined.join()
    host.scheduler.advance(1)
    return joined


def little(address: int) -> bytes:
    return address.to_bytes(2, "little")


def news(host: EzspHost) -> list[tuple[bytes, int]]:
    """Return address, EUI64 and event of what joined and left."""
    known = EzspCallback.TRUST_CENTER_JOIN
    return [(body[:10], body[10]) for number, body in host.callbacks if number == known]


def sent(host: EzspHost) -> list[bytes]:
    """Return the end of each message of what was sent, after its header."""
    bodies = [body for number, body in host.callbacks if number == EzspCallback.MESSAGE_SENT]
    host.callbacks.clear()
    return [body[14:] for body in bodies]


def test_joining_rejoining_and_leaving_are_told(host: EzspHost, device: ZigbeeDevice) -> None:
    first = little(device.address) + EUI64
    assert news(host) == [(first, 1)]
    [(header, sender, _)] = host.messages()
    assert (header.cluster, sender) == (Zdo.DEVICE_ANNOUNCEMENT, device.address)
    device.rejoin()
    assert news(host)[1:] == [(first, 0)]
    assert host.ask(EzspCommand.LOOK_UP_NODE_ID, EUI64) == first[:2]
    assert host.ask(EzspCommand.LOOK_UP_EUI64, first[:2]) == b"\x00" + EUI64
    host.ask(EzspCommand.REMOVE_DEVICE, first)
    host.scheduler.advance(1)
    assert news(host)[2:] == [(first, 2)]
    assert host.ask(EzspCommand.LOOK_UP_NODE_ID, EUI64) == b"\xff\xff"
    assert host.ask(EzspCommand.LOOK_UP_EUI64, first[:2]) == b"\x01" + NO_EUI64
    host.ask(EzspCommand.REMOVE_DEVICE, first)  # again: nothing happens
    device.join()
    host.scheduler.advance(1)
    assert len(news(host)) == 4


def test_a_message_is_answered_and_its_delivery_told(host: EzspHost, device: ZigbeeDevice) -> None:
    host.messages()
    for number in (1, 2):
        host.callbacks.clear()
        assert host.ask(EzspCommand.SEND_UNICAST, unicast(device.address, READ, QUESTION)) == bytes(
            (0, number)
        )
        assert host.callbacks == []
        host.scheduler.advance(1)
        [(header, sender, message)] = host.messages()
        assert (sender, message) == (device.address, ANSWER)
        assert (header.cluster, header.source, header.destination) == (METERING, 1, 1)
        assert sent(host) == [b"\x07" + SENT]


def test_what_cannot_be_reached_is_told(host: EzspHost, device: ZigbeeDevice) -> None:
    host.callbacks.clear()
    question = unicast(device.address, READ, QUESTION)
    device.is_silent = True
    for target in (question, unicast(0x4711, READ, QUESTION)):
        host.ask(EzspCommand.SEND_UNICAST, target)
        host.scheduler.advance(1)
        assert sent(host) == []
        host.scheduler.advance(1)
        assert sent(host) == [b"\x07" + FAILED]
    device.is_silent = False
    host.ask(EzspCommand.SEND_UNICAST, question)
    host.scheduler.advance(1)
    assert sent(host) == [b"\x07" + SENT]


def test_a_device_of_another_network_is_not_reached(host: EzspHost, device: ZigbeeDevice) -> None:
    memory = host.stick.memory
    leaving = meter(host.scheduler, host.stick, bytes(8), MeterModel())
    assert leaving.join()
    host.stick.replace(StickMemory(bytes(8)))
    host.connect()
    assert (
        host.ask(EzspCommand.SEND_UNICAST, unicast(device.address, READ, QUESTION)) == b"\x70\x00"
    )
    host.ask(EzspCommand.SET_INITIAL_SECURITY_STATE, bytes(45))
    host.ask(EzspCommand.FORM_NETWORK, bytes(20))
    host.callbacks.clear()
    device.rejoin()
    host.ask(EzspCommand.SEND_UNICAST, unicast(device.address, READ, QUESTION))
    host.scheduler.advance(3)
    assert host.messages() == []
    assert host.ask(EzspCommand.LOOK_UP_NODE_ID, EUI64) == b"\xff\xff"
    assert host.ask(EzspCommand.LOOK_UP_EUI64, little(device.address)) == b"\x01" + NO_EUI64
    host.ask(EzspCommand.REMOVE_DEVICE, little(device.address) + EUI64)
    host.ask(EzspCommand.SEND_UNICAST, unicast(0, ApsFrame(0, Zdo.MGMT_LQI, 0, 0), b"\x05\x00"))
    leaving.lose_network()
    host.scheduler.advance(3)
    assert [message for _, _, message in host.messages()] == [b"\x05" + bytes(4)]  # no neighbours
    assert news(host) == []
    host.callbacks.clear()
    host.stick.replace(memory)  # the first stick again: nothing has to join
    host.connect()
    host.ask(EzspCommand.NETWORK_INIT)
    host.ask(EzspCommand.SEND_UNICAST, unicast(device.address, READ, QUESTION))
    host.scheduler.advance(3)
    assert [message for _, _, message in host.messages()] == [ANSWER]


def test_broadcasts_and_multicasts_are_sent(host: EzspHost) -> None:
    header = ApsFrame(0, Zdo.PERMIT_JOINING, 0, 0).encode()
    host.scheduler.advance(100)
    assert host.stick.open_network is None
    host.ask(EzspCommand.SEND_BROADCAST, b"\xfc\xff" + header + b"\x00\x09\x03\x01\x3c\x00")
    assert host.stick.open_network
    assert sent(host) == [b"\x09" + SENT]
    host.ask(EzspCommand.SEND_MULTICAST, READ.encode() + b"\x00\x00\x08\x00")
    assert sent(host) == [b"\x08" + SENT]


def test_the_stick_answers_about_itself(host: EzspHost, device: ZigbeeDevice) -> None:
    host.messages()
    host.ask(EzspCommand.ADD_ENDPOINT, bytes.fromhex("01 0401 0500 00 02 01 0000 0600 1900"))
    simple = bytes.fromhex("01 0401 0500 00 02 0000 0600 01 1900")
    answers = {
        Zdo.NODE_DESCRIPTOR: (b"\x00\x00", b"\x00\x00\x00\x00\x40\x8e\x49\x10"),
        Zdo.ACTIVE_ENDPOINTS: (b"\x00\x00", b"\x00\x00\x00\x01\x01"),
        Zdo.SIMPLE_DESCRIPTOR: (b"\x00\x00\x01", b"\x00\x00\x00" + bytes((len(simple),)) + simple),
        Zdo.MGMT_LQI: (b"\x00", b"\x00\x01\x00\x01" + bytes(range(8)) + EUI64),
        Zdo.MGMT_RTG: (b"\x00", bytes(4)),
        Zdo.PERMIT_JOINING: (OPEN + b"\x00", b"\x00"),
        Zdo.LEAVE: (b"", b"\x84"),
    }
    for request, (fields, answer) in answers.items():
        question = unicast(0, ApsFrame(0, request, 0, 0), b"\x05" + fields)
        host.ask(EzspCommand.SEND_UNICAST, question)
        host.scheduler.advance(1)
        [(header, sender, message)] = host.messages()
        assert (header.cluster, sender) == (request | 0x8000, 0)
        assert message[:1] == b"\x05"
        assert message[1:].startswith(answer), request.name
    host.ask(EzspCommand.SEND_UNICAST, unicast(0, READ, QUESTION))
    host.scheduler.advance(1)
    assert host.messages() == []  # it serves no cluster


def test_the_device_that_has_a_short_address_says_who_it_is(
    host: EzspHost, device: ZigbeeDevice
) -> None:
    host.callbacks.clear()
    header = ApsFrame(ZDO_PROFILE, Zdo.EXTENDED_ADDRESS, 0, 0)
    for address, answers in ((device.address, 1), (device.address ^ 1, 0)):
        message = b"\x07" + little(address) + b"\x00\x00"
        body = little(0xFFFD) + header.encode() + bytes((30, 1, len(message))) + message
        host.ask(EzspCommand.SEND_BROADCAST, body)
        host.scheduler.advance(1)
        assert [one[2][:10] for one in host.messages()] == [b"\x07\x00" + EUI64] * answers
        host.callbacks.clear()
