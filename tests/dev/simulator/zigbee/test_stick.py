import random

import pytest

from dev.simulator.zigbee.ezsp_constants import CONSTANT_ANSWERS, EzspCallback, EzspCommand
from dev.simulator.zigbee.stick import Stick
from dev.simulator.zigbee.stick_memory import RESTORED_EUI64, StickMemory, random_network
from tests.dev.simulator.zigbee.ezsp_host import KEY, RSTACK, EzspHost
from tests.fakes.scheduler import FakeScheduler

UP, DOWN = (EzspCallback.STACK_STATUS, b"\x90"), (EzspCallback.STACK_STATUS, b"\x91")
NOT_JOINED = b"\x93"


@pytest.fixture
def host() -> EzspHost:
    """Return a host that is connected to a blank stick."""
    scheduler = FakeScheduler()
    running = EzspHost(Stick(scheduler, StickMemory()), scheduler)
    running.connect()
    assert running.controls.pop() == RSTACK
    return running


def test_the_version_is_asked_for_in_both_forms(host: EzspHost) -> None:
    host.send(b"\x01\x00\x00\x04")  # as a host first asks, for version 4
    assert host.frames == [b"\x01\x80\x00\x0d\x02\x30\x74"]
    assert host.ask(EzspCommand.VERSION, b"\x0d") == b"\x0d\x02\x30\x74"


def test_every_command_has_an_answer_and_is_counted(host: EzspHost) -> None:
    answered = {*CONSTANT_ANSWERS, *host.stick._handlers}
    assert answered == {*EzspCommand}
    host.ask(EzspCommand.NOP)
    host.ask(EzspCommand.NOP)
    assert host.stick.commands == {"nop": 2}


def test_an_unknown_command_is_named(host: EzspHost) -> None:
    with pytest.raises(AssertionError):
        host.ask(0x0123)
    assert host.frames[-1][3:] == b"\x58\x00\x31"
    assert host.stick.commands == {"0x0123": 1}


def test_what_a_host_sets_is_there_until_the_next_start(host: EzspHost) -> None:
    for _ in range(2):
        assert host.ask(EzspCommand.GET_CONFIGURATION_VALUE, b"\x06") == b"\x00\x08\x00"
        assert host.ask(EzspCommand.SET_CONFIGURATION_VALUE, b"\x06\x10\x00") == b"\x00"
        assert host.ask(EzspCommand.GET_CONFIGURATION_VALUE, b"\x06") == b"\x00\x10\x00"
        assert host.ask(EzspCommand.GET_VALUE, b"\x22") == b"\x37\x00"
        assert host.ask(EzspCommand.SET_VALUE, b"\x22\x02\xab\xcd") == b"\x00"
        assert host.ask(EzspCommand.GET_VALUE, b"\x22") == b"\x00\x02\xab\xcd"
        assert host.ask(EzspCommand.GET_MULTICAST_TABLE_ENTRY, b"\x0f") == b"\x00" + bytes(4)
        assert host.ask(EzspCommand.GET_MULTICAST_TABLE_ENTRY, b"\x10") == b"\xb1" + bytes(4)
        assert host.ask(EzspCommand.SET_MULTICAST_TABLE_ENTRY, b"\x0f\x01\x02\x03\x04") == b"\x00"
        assert host.ask(EzspCommand.GET_MULTICAST_TABLE_ENTRY, b"\x0f") == b"\x00\x01\x02\x03\x04"
        assert host.stick.is_connected
        host.connect()


def test_a_network_is_formed_kept_and_started_again(host: EzspHost) -> None:
    kept: list[StickMemory] = []
    host.stick._on_change = kept.append
    assert host.ask(EzspCommand.NETWORK_INIT) == NOT_JOINED
    assert host.ask(EzspCommand.FORM_NETWORK, bytes(20)) == b"\x70"  # without keys
    host.form()
    assert host.callbacks == [UP]
    assert len(kept) == 1
    assert host.stick.network.formed == 1
    for _ in range(2):
        assert host.ask(EzspCommand.NETWORK_STATE) == b"\x02"
        assert host.ask(EzspCommand.GET_NODE_ID) == b"\x00\x00"
        assert host.ask(EzspCommand.GET_NETWORK_PARAMETERS)[:10] == b"\x00\x01" + bytes(range(8))
        assert host.ask(EzspCommand.EXPORT_KEY, b"\x01") == KEY + bytes(4)
        assert host.ask(EzspCommand.GET_NETWORK_KEY_INFO)[:7] == bytes(4) + b"\x01\x00\x05"
        state = host.ask(EzspCommand.GET_CURRENT_SECURITY_STATE)
        assert state == b"\x00\x94\x00" + host.stick.memory.eui64
        host.connect()
        assert host.ask(EzspCommand.NETWORK_STATE) == b"\x00"
        assert host.ask(EzspCommand.EXPORT_KEY, b"\x01") == bytes(16) + b"\x2d\x00\x00\x00"
        assert host.ask(EzspCommand.NETWORK_INIT) == b"\x00"
    assert len(kept) == 1


def test_a_network_is_lost_only_when_the_host_says_so(host: EzspHost) -> None:
    assert host.ask(EzspCommand.LEAVE_NETWORK) == NOT_JOINED
    host.form()
    assert host.ask(EzspCommand.LEAVE_NETWORK) == b"\x00"
    assert host.callbacks == [UP, DOWN]
    assert host.stick.memory.network is None
    host.form()
    assert host.ask(EzspCommand.TOKEN_FACTORY_RESET) == b""
    assert host.ask(EzspCommand.NETWORK_INIT) == NOT_JOINED


def test_a_host_can_give_the_stick_another_address(host: EzspHost) -> None:
    token, address = RESTORED_EUI64.to_bytes(4, "little"), bytes(range(8))
    assert host.ask(EzspCommand.GET_TOKEN_DATA, token + bytes(4))[:5] == b"\x00\x08\x00\x00\x00"
    assert host.ask(EzspCommand.GET_TOKEN_DATA, b"\x01\x00\x00\x00" + bytes(4)) == b"\x01"
    host.ask(EzspCommand.SET_TOKEN_DATA, token + bytes(4) + b"\x08\x00\x00\x00" + address)
    assert host.ask(EzspCommand.GET_EUI64) == address


def test_a_scan_finds_every_channel_quiet(host: EzspHost) -> None:
    host.ask(EzspCommand.START_SCAN, b"\x00" + (0b11 << 25).to_bytes(4, "little") + b"\x02")
    quiet = (
        (EzspCallback.ENERGY_SCAN_RESULT, b"\x19\xa6"),
        (EzspCallback.ENERGY_SCAN_RESULT, b"\x1a\xa6"),
    )
    assert host.callbacks == [*quiet, (EzspCallback.SCAN_COMPLETE, b"\x1a\x00")]


def test_joining_is_open_for_as_long_as_the_host_says(host: EzspHost) -> None:
    host.ask(EzspCommand.PERMIT_JOINING, b"\x3c")
    assert host.stick.open_network is None  # there is no network
    host.form()
    for _ in range(2):
        host.ask(EzspCommand.PERMIT_JOINING, b"\x3c")
        assert host.stick.open_network == KEY
        host.scheduler.advance(59.9)
        assert host.stick.open_network == KEY
        host.scheduler.advance(0.1)
        assert host.stick.open_network is None


def test_a_stick_that_hangs_answers_nothing_until_it_is_revived(host: EzspHost) -> None:
    for _ in range(2):
        host.stick.is_hanging = True
        with pytest.raises(IndexError):
            host.ask(EzspCommand.NOP)
        host.connect()
        assert not host.controls
        host.stick.is_hanging = False
        host.connect()
        assert host.controls.pop() == RSTACK
        assert host.ask(EzspCommand.NOP) == b""
        host.controls.clear()


def test_a_replaced_stick_has_its_own_memory(host: EzspHost) -> None:
    host.form()
    other = StickMemory(bytes(8), random_network(random.Random(1)))
    host.stick.replace(other)
    assert not host.stick.is_connected
    host.connect()
    assert host.ask(EzspCommand.GET_EUI64) == bytes(8)
    assert host.ask(EzspCommand.NETWORK_INIT) == b"\x00"
    assert other.network
    assert host.ask(EzspCommand.EXPORT_KEY, b"\x01") == other.network.key + bytes(4)
    host.stick.replace(StickMemory())
    host.connect()
    assert host.ask(EzspCommand.NETWORK_INIT) == NOT_JOINED


def test_a_stick_without_power_forgets_its_host(host: EzspHost) -> None:
    host.form()
    host.stick.lose_power()
    assert not host.stick.is_connected
    assert not host.stick.network.is_up
    host.connect()
    assert host.ask(EzspCommand.NETWORK_INIT) == b"\x00"
