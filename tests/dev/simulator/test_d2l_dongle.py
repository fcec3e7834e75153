import json
import struct

import pytest
from fastcrc.crc16 import modbus
from pytest_mock import MockerFixture

from dev.simulator.d2l_dongle import SimulatedDongle
from dev.simulator.linky_variants import KINDS
from dev.simulator.meter_faults import FAULTS, MeterFault
from hems.errors import ProtocolError
from hems.protocols.linky.d2l_frame_reader import D2lFrameReader
from hems.protocols.linky.d2l_frames import (
    D2lCipher,
    D2lFrame,
    PayloadType,
    clock_answer,
    decode,
    encode,
)
from hems.settings.read_secrets import D2lDevice

NOW = 1_784_025_296
DEVICE = D2lDevice(20_000_000_001, bytes(range(16)), bytes(16))
CIPHER = D2lCipher(DEVICE.key, DEVICE.iv)


class Server:
    """Answers a dongle's frames in memory, and keeps them."""

    def __init__(self, mocker: MockerFixture) -> None:
        self.frames: list[D2lFrame] = []
        self.is_padding_forgotten = False
        mocker.patch.object(
            SimulatedDongle, "_exchange", lambda _, data: (self.answer(data), 0.001)
        )

    def answer(self, data: bytes) -> bytes:
        reader = D2lFrameReader()
        reader.receive_data(data)
        while (one := reader.next_frame()) is not None:
            self.frames.append(decode(one, CIPHER))
        answer = encode(clock_answer(self.frames[-1], NOW, bytes(16)), CIPHER)
        return without_padding_in_crc(answer) if self.is_padding_forgotten else answer

    def values(self) -> dict[str, str]:
        values: dict[str, str] = json.loads(self.frames[-1].payload)
        return values


def without_padding_in_crc(answer: bytes) -> bytes:
    """Return `answer` as the package d2lparser would send it: 4 bytes of payload, 6 of padding."""
    plain = answer[:16] + CIPHER.decrypt(answer[16:])
    crc = modbus(plain[:32] + plain[34:42])
    return plain[:16] + CIPHER.encrypt(plain[16:32] + struct.pack("<H", crc) + plain[34:])


def dongle(kind: str = "standard", fault: MeterFault | None = None) -> SimulatedDongle:
    return SimulatedDongle(("127.0.0.1", 1), DEVICE, KINDS[kind], fault)


@pytest.fixture
def server(mocker: MockerFixture) -> Server:
    return Server(mocker)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_sends_its_mode(server: Server, kind: str) -> None:
    assert dongle(kind).push(NOW).clock == NOW
    mode = "STANDARD" if KINDS[kind].is_standard else "HISTORIQUE"
    assert server.values()["_TYPE_TRAME"] == mode


def test_a_server_that_forgets_the_padding_is_recognised(server: Server) -> None:
    server.is_padding_forgotten = True
    with pytest.raises(ProtocolError, match="CRC without the padding, a known bug of the package"):
        dongle().push(NOW)


def test_any_other_wrong_crc_is_not_called_the_known_bug(mocker: MockerFixture) -> None:
    server = Server(mocker)
    whole = server.answer(
        encode(D2lFrame(DEVICE.id, PayloadType.GET_CLOCK, b"", bytes(16)), CIPHER)
    )
    broken = whole[:-1] + bytes([whole[-1] ^ 1])
    mocker.patch.object(SimulatedDongle, "_exchange", return_value=(broken, 0.001))
    with pytest.raises(ProtocolError, match="the frame is corrupted, or the key is wrong"):
        dongle().push(NOW)


def test_a_fault_is_in_its_frames_only(server: Server) -> None:
    one = dongle(fault=FAULTS["zero-index"])
    frames = []
    for _ in range(4):
        one.push(NOW)
        frames.append((one.has_fault, server.values()["EAST"] == "0" * 9))
    assert frames == [(False, False), (False, False), (True, True), (False, False)]


def test_a_mode_switch_stays(server: Server) -> None:
    one = dongle("historique", FAULTS["mode-switch"])
    modes = []
    for _ in range(4):
        one.push(NOW)
        modes.append(server.values()["_TYPE_TRAME"])
    assert modes == ["HISTORIQUE", "HISTORIQUE", "STANDARD", "STANDARD"]


@pytest.mark.parametrize(("kind", "label"), [("standard", "DATE"), ("historique", "_HORLOGE")])
def test_a_wrong_clock_changes_the_date_alone(server: Server, kind: str, label: str) -> None:
    one = dongle(kind, FAULTS["clock-behind"])
    for _ in range(2):
        one.push(NOW)
    right = server.values()
    one.push(NOW)
    wrong = server.values()
    assert {key for key in wrong if wrong[key] != right[key]} == {label}


def test_old_readings_come_before_every_third_one(server: Server) -> None:
    one = dongle("historique", FAULTS["old-readings"])
    for _ in range(2):
        for count in (1, 1, 6):
            server.frames.clear()
            assert one.push(NOW).clock == NOW
            clocks = [int(json.loads(frame.payload)["_HORLOGE"]) for frame in server.frames]
            ages = [clocks[-1] - clock for clock in clocks]
            assert ages == [7200, 7140, 7080, 7020, 6960, 0][-count:]


def test_a_dongle_that_wants_firmware_sends_no_reading(server: Server) -> None:
    one = dongle(fault=FAULTS["firmware-request"])
    for _ in range(2):
        assert one.push(NOW).clock == NOW
    types = [frame.type for frame in server.frames]
    assert types == [PayloadType.FIRMWARE_UPDATE, PayloadType.GET_CLOCK] * 2
