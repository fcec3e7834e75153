import msgspec
import pytest

from hems.errors import Rejected
from hems.protocols.home_assistant.zigbee_sticks import (
    PortFlow,
    PortUser,
    SerialPort,
    missing_stick,
    stick_to_set_up,
)

STICK = SerialPort(
    "/dev/serial/by-id/a", serial_number="1", description="Dongle", matching_integrations=("zha",)
)
OTHER = SerialPort(
    "/dev/serial/by-id/b",
    serial_number="2",
    description="SkyConnect v1.0",
    matching_integrations=("homeassistant_sky_connect",),
)
CABLE = SerialPort("/dev/ttyUSB1", description="FT232R")
ZHA, ANOTHER = PortUser("", "zha"), PortUser("OpenThread", "otbr")


def changed(port: SerialPort, **changes: object) -> SerialPort:
    return msgspec.structs.replace(port, **changes)


def test_the_only_stick_is_set_up() -> None:
    assert stick_to_set_up([]) is None
    assert stick_to_set_up([CABLE]) is None
    assert stick_to_set_up([CABLE, STICK]) is STICK
    assert stick_to_set_up([OTHER]) is OTHER
    assert stick_to_set_up([changed(STICK, present=False), OTHER]) is OTHER
    idle = changed(STICK, consumers=(changed_user(ANOTHER, is_active=False),))
    assert stick_to_set_up([idle]) is idle


def changed_user(user: PortUser, **changes: object) -> PortUser:
    return msgspec.structs.replace(user, **changes)


def test_two_sticks_are_named() -> None:
    with pytest.raises(Rejected) as error:
        stick_to_set_up([STICK, CABLE, OTHER])
    words = "Dongle (/dev/serial/by-id/a) and SkyConnect v1.0 (/dev/serial/by-id/b): unplug"
    assert f"2 Zigbee sticks are plugged in, {words}" in str(error.value)


def test_two_sticks_with_one_number_are_told() -> None:
    twin = changed(STICK, device="/dev/ttyACM1")
    with pytest.raises(Rejected, match=r"\(the serial number 1 is on both\)"):
        stick_to_set_up([STICK, twin])
    blank = changed(STICK, serial_number=None)
    with pytest.raises(Rejected) as error:
        stick_to_set_up([blank, blank])
    assert "serial number" not in str(error.value)


def test_a_stick_that_something_else_uses_is_left_alone() -> None:
    with pytest.raises(Rejected, match=r"the Zigbee stick Dongle is in use by OpenThread"):
        stick_to_set_up([changed(STICK, consumers=(ANOTHER,))])


def test_a_missing_stick_is_named_with_the_one_in_its_place() -> None:
    gone = SerialPort("/dev/serial/by-id/a", present=False, consumers=(ZHA,))
    words = "the Zigbee stick /dev/serial/by-id/a is not plugged in"
    assert missing_stick([CABLE]) == ""
    assert missing_stick([changed(STICK, consumers=(ZHA,)), CABLE]) == ""
    assert missing_stick([gone, CABLE]) == words
    assert missing_stick([gone, OTHER]).startswith(f"{words}, but SkyConnect v1.0: plug the first")
    other_gone = changed(gone, consumers=(ANOTHER,))
    assert missing_stick([other_gone]) == ""


def test_home_assistants_list_is_read() -> None:
    text = b"""[{"device": "/dev/ttyACM0", "resolved_device": "/dev/ttyACM0", "vid": "1A86",
        "serial_number": null, "manufacturer": null, "description": null, "present": true,
        "matching_integrations": ["zha"], "discovery_flows": [{"flow_id": "7", "domain": "zha"}],
        "consumers": [{"kind": "app", "title": "x", "active": false, "domain": null}]}]"""
    [port] = msgspec.json.decode(text, type=tuple[SerialPort, ...])
    assert (port.name, port.is_zigbee_stick, port.found_flow) == ("/dev/ttyACM0", True, "7")
    assert port.consumers == (PortUser("x", None, is_active=False),)
    assert changed(port, discovery_flows=(PortFlow("7", "otbr"),)).found_flow == ""
