from __future__ import annotations

import struct
from dataclasses import dataclass, field

from dev.simulator.zigbee.aps_frames import BROADCAST, HOME_AUTOMATION, UNICAST, ApsFrame
from dev.simulator.zigbee.meter_traps import TRAPS
from dev.simulator.zigbee.metering_attributes import (
    ELECTRICAL,
    METERING,
    POWER_CONFIGURATION,
    quantity,
)
from dev.simulator.zigbee.metering_devices import MeterModel, meter
from dev.simulator.zigbee.zdo import Zdo
from dev.simulator.zigbee.zigbee_device import ZigbeeDevice
from tests.dev.simulator.zigbee.ezsp_host import KEY
from tests.dev.simulator.zigbee.fake_radio import FakeRadio
from tests.fakes.scheduler import FakeScheduler

EUI64 = bytes(range(8))
ON_OFF, OTA, BASIC = 0x0006, 0x0019, 0x0000
NO_DEFAULT = 0x10


@dataclass
class Home:
    """A device, and a host that asks it."""

    model: MeterModel = field(default_factory=MeterModel)
    radio: FakeRadio = field(default_factory=FakeRadio)
    scheduler: FakeScheduler = field(default_factory=FakeScheduler)

    def __post_init__(self) -> None:
        self.device: ZigbeeDevice = meter(self.scheduler, self.radio, EUI64, self.model)

    def zdo(self, request: int, fields: bytes) -> bytes:
        """Return status and fields of the answer."""
        [answer] = self._ask(ApsFrame(0, request, 0, 0), b"\x2a" + fields, request | 0x8000)
        assert answer[:1] == b"\x2a"
        return answer[1:]

    def zcl(self, cluster: int, frame: str, endpoint: int = 1) -> list[str]:
        header = ApsFrame(HOME_AUTOMATION, cluster, 1, endpoint)
        return [one.hex(" ") for one in self._ask(header, bytes.fromhex(frame), cluster)]

    def bind(self, cluster: int) -> bytes:
        return self.zdo(Zdo.BIND, EUI64 + struct.pack("<BHB8sB", 1, cluster, 3, bytes(8), 1))

    def reports(self) -> list[tuple[int, str]]:
        """Return cluster and fields of what the device has reported; forget it."""
        heard, self.radio.heard = self.radio.heard, []
        assert all(message[:1] + message[2:3] == b"\x18\x0a" for _, message, _ in heard)
        return [(header.cluster, message[3:].hex(" ")) for header, message, _ in heard]

    def _ask(self, header: ApsFrame, message: bytes, answered: int) -> list[bytes]:
        self.device.receive(header, message)
        heard, self.radio.heard = self.radio.heard, []
        ends = {(one.cluster, one.source, one.destination, kind) for one, _, kind in heard}
        assert ends <= {(answered, header.destination, header.source, UNICAST)}
        return [said for _, said, _ in heard]


def test_a_device_joins_an_open_network_and_announces_itself() -> None:
    home = Home(radio=FakeRadio(open_network=None))
    assert not home.device.join()
    assert home.radio.news == []
    for _ in range(2):
        home.radio.open_network = KEY
        assert home.device.join()
        assert home.device.network_key == KEY
        home.scheduler.advance(1)
        [(header, message, kind)] = home.radio.heard
        address = struct.pack("<H", home.device.address)
        assert (header.cluster, kind) == (Zdo.DEVICE_ANNOUNCEMENT, BROADCAST)
        assert message[1:] == address + EUI64 + b"\x8e"
        home.radio.heard.clear()
        home.device.lose_network()
        assert home.device.network_key is None
    assert home.radio.news == ["joined", "left"] * 2
    home.device.rejoin()
    assert home.radio.news[-1] == "rejoined"


def test_the_interview_shows_what_the_device_is() -> None:
    home = Home(MeterModel(has_switch=True))
    address = struct.pack("<H", home.device.address)
    assert home.zdo(Zdo.NODE_DESCRIPTOR, address)[:6] == b"\x00" + address + b"\x01\x40\x8e"
    assert home.zdo(Zdo.ACTIVE_ENDPOINTS, address) == b"\x00" + address + b"\x01\x01"
    assert home.zdo(Zdo.SIMPLE_DESCRIPTOR, address + b"\x01") == b"\x00" + address + bytes.fromhex(
        "14 01 0401 5100 01 05 0000 0300 0207 040b 0600 01 1900"
    )
    assert home.zdo(Zdo.SIMPLE_DESCRIPTOR, address + b"\x02") == b"\x83" + address + b"\x00"
    assert home.zdo(Zdo.EXTENDED_ADDRESS, address) == b"\x00" + EUI64 + address
    assert home.zdo(Zdo.MGMT_LQI, b"\x00") == bytes(4)
    assert home.zdo(0x0033, b"") == b"\x84"
    assert home.zcl(BASIC, "00 01 00 04 00 05 00 99 99") == [
        "18 01 01 04 00 00 42 04 68 65 6d 73 05 00 00 42 09 53 49 4d 2d 4d 45 54 45 52 99 99 86"
    ]


def test_a_meter_with_a_battery_is_no_router_and_says_how_full_it_is() -> None:
    home = Home(MeterModel(has_battery=True))
    address = struct.pack("<H", home.device.address)
    assert home.zdo(Zdo.NODE_DESCRIPTOR, address)[:6] == b"\x00" + address + b"\x02\x40\x80"
    assert home.zcl(BASIC, "00 01 00 07 00") == ["18 01 01 07 00 00 30 03"]
    assert home.zcl(POWER_CONFIGURATION, "00 01 00 21 00") == ["18 01 01 21 00 00 20 c8"]
    assert Home().zcl(POWER_CONFIGURATION, "00 01 00 21 00") == ["18 01 0b 00 c3"]


def test_a_router_lists_its_children_one_by_one() -> None:
    home = Home()
    home.device.children = [(b"abcdefgh", 0x1234), (b"ABCDEFGH", 0x5678)]
    row = bytes(8) + b"ABCDEFGH" + bytes.fromhex("7856 12 02 01 c8")
    assert home.zdo(Zdo.MGMT_LQI, b"\x01") == b"\x00\x02\x01\x01" + row
    assert home.zdo(Zdo.MGMT_LQI, b"\x02") == b"\x00\x02\x02\x00"


def test_a_question_to_what_is_not_there_is_refused() -> None:
    home = Home()
    assert home.zcl(ON_OFF, "01 01 01") == ["18 01 0b 01 c3"]  # a meter has no switch
    assert home.zcl(METERING, "00 01 42") == ["18 01 0b 42 81"]
    assert home.zcl(METERING, "01 01 00") == ["18 01 0b 00 81"]
    assert home.zcl(METERING, "00 01 00 00 00", endpoint=2) == []
    assert home.zcl(METERING, "00 01 0b 00 00") == []  # a default response
    assert home.zcl(METERING, "04 86 12 01 00 00 00") == ["1c 86 12 01 01 00 00 86"]
    assert home.zcl(OTA, "08 01 00 02 00") == ["10 01 01 02 00 00 23 01 00 00 00"]
    deaf = Home(MeterModel(trap=TRAPS["interview-loop"]))
    assert deaf.zcl(OTA, "08 01 00 02 00") == []


def test_a_bound_cluster_reports_as_configured() -> None:
    home = Home()
    configure = "00 01 06 00 00 00 25 05 00 84 03 0a 00 00 00 00 00"
    assert home.zcl(METERING, configure) == ["18 01 07 00"]
    refused = home.zcl(METERING, "00 02 06 00 99 99 21 05 00 84 03 01 00")
    assert refused == ["18 02 07 86 00 99 99"]
    total = "00 04 03 2b 05 00 84 03 01 00 00 00"  # ZHA asks for the total active power, too
    power = "00 0b 05 29 05 00 84 03 01 00"
    assert home.zcl(ELECTRICAL, f"00 03 06 {total} {power}") == ["18 03 07 86 00 04 03"]
    assert home.device.reports.configurations[quantity("power")].reportable_change == 1
    energy = quantity("energy")
    assert home.device.reports.configurations[energy].reportable_change == 10
    home.device.measure(energy, 123456)
    home.scheduler.advance(10)
    assert home.reports() == []  # it is not bound
    assert home.bind(METERING) == b"\x00"
    home.device.measure(energy, 123466)
    home.scheduler.advance(10)
    assert home.reports() == [(METERING, "00 00 25 4a e2 01 00 00 00")]
    assert home.zdo(Zdo.UNBIND, EUI64 + b"\x01\x02\x07") == b"\x00"
    home.device.measure(energy, 200000)
    home.scheduler.advance(1000)
    assert home.reports() == []


def test_a_plug_switches_and_reports_it() -> None:
    home = Home(MeterModel(has_switch=True))
    home.bind(ON_OFF)
    home.zcl(ON_OFF, "00 01 06 00 00 00 10 00 00 84 03")
    for command, reported in (("02", "00"), ("02", "01"), ("00", "00"), ("01", "01")):
        assert home.zcl(ON_OFF, f"01 01 {command}") == [f"18 01 0b {command} 00"]
        home.scheduler.advance(1)
        assert home.reports() == [(ON_OFF, f"00 00 10 {reported}")]


def test_a_silent_device_sends_nothing_until_it_speaks_again() -> None:
    home = Home()
    home.bind(ELECTRICAL)
    for _ in range(2):
        home.device.is_silent = True
        home.device.reports.report(quantity("power"))
        assert home.reports() == []
        home.device.is_silent = False
        home.device.reports.report(quantity("power"))
        assert home.reports() == [(ELECTRICAL, "0b 05 29 00 00")]


def test_a_device_that_must_leave_forgets_its_network() -> None:
    home = Home()
    for _ in range(2):
        home.device.join()
        home.scheduler.advance(1)
        home.radio.heard.clear()
        home.bind(METERING)
        home.zcl(METERING, "00 01 06 00 00 00 25 05 00 84 03 0a 00 00 00 00 00")
        assert home.zdo(Zdo.LEAVE, EUI64 + b"\x00") == b"\x00"
        home.scheduler.advance(1)
        assert home.radio.news[-1] == "left"
        assert home.device.network_key is None
        assert (home.device.bindings, home.device.reports.configurations) == (set(), {})
