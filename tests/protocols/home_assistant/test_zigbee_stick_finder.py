import msgspec
import pytest

from hems.protocols.gateway.zigbee_problem_kinds import (
    USB_ADAPTER_UNKNOWN,
    ZIGBEE_BLANK_STICK,
    ZIGBEE_NO_PERMISSION,
    ZIGBEE_OTHER_NETWORK,
    ZIGBEE_SEVERAL_STICKS,
    ZIGBEE_STICK_IN_USE,
    ZIGBEE_STICK_MISSING,
    ZIGBEE_STICK_SILENT,
)
from hems.protocols.home_assistant.zigbee_stick_finder import (
    BLANK,
    OTHER_NETWORK,
    PortFlow,
    PortUser,
    SerialPort,
    stick_to_set_up,
    trouble,
)
from hems.supervision.worker.problem import ReportedProblem

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
DENIED = "[Errno 13] Permission denied: '/dev/ttyACM0'"
REFUSED = "[Errno 1] Operation not permitted: '/dev/ttyACM0'"
LOCKED = "The serial port is locked by another application"
BUSY = "[Errno 16] Serial port '/dev/ttyACM0' is already locked by another process"
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
    names = "Dongle (/dev/serial/by-id/a) and SkyConnect v1.0 (/dev/serial/by-id/b)"
    assert stick_to_set_up([STICK, CABLE, OTHER]) == ZIGBEE_SEVERAL_STICKS.found(names)


def test_two_sticks_with_one_serial_number_are_named() -> None:
    twin = changed(STICK, device="/dev/ttyACM1")
    assert stick_to_set_up([STICK, twin]) == ZIGBEE_SEVERAL_STICKS.found(
        "Dongle (/dev/serial/by-id/a) and Dongle (/dev/ttyACM1) have the same serial number 1: "
        "Home Assistant takes one for the other"
    )
    names = "Dongle (/dev/serial/by-id/a) and SkyConnect v1.0 (/dev/serial/by-id/b)"
    of_another_make = changed(OTHER, serial_number="1")
    assert stick_to_set_up([STICK, of_another_make]) == ZIGBEE_SEVERAL_STICKS.found(names)
    without = changed(STICK, serial_number=None)
    problem = stick_to_set_up([without, without])
    assert isinstance(problem, ReportedProblem)
    assert "serial number" not in str(problem.found)


def test_a_stick_that_something_else_uses_is_left_alone() -> None:
    used = changed(STICK, consumers=(ANOTHER,))
    assert stick_to_set_up([used]) == ZIGBEE_STICK_IN_USE.found("OpenThread uses Dongle")
    untitled = changed(STICK, consumers=(ZHA,))
    assert stick_to_set_up([untitled]) == ZIGBEE_STICK_IN_USE.found("zha uses Dongle")


def test_an_adapter_that_nobody_knows_is_reported_and_not_guessed() -> None:
    adapter = changed(CABLE, vid="0403")
    assert stick_to_set_up([CABLE]) is None  # the board's own
    assert stick_to_set_up([adapter]) == USB_ADAPTER_UNKNOWN.found("FT232R (/dev/ttyUSB1)")
    assert stick_to_set_up([adapter, STICK]) is STICK
    for known in ({"consumers": (ANOTHER,)}, {"matching_integrations": ("zwave_js",)}):
        assert stick_to_set_up([changed(adapter, **known)]) is None
    assert stick_to_set_up([changed(adapter, present=False)]) is None


USED = msgspec.structs.replace(STICK, consumers=(ZHA,))


@pytest.mark.parametrize(
    ("state", "reason", "problem"),
    [
        ("loaded", "", None),
        ("setup_in_progress", "", None),
        ("setup_error", BLANK, ZIGBEE_BLANK_STICK.found(f"Dongle: {BLANK}")),
        ("setup_error", OTHER_NETWORK, ZIGBEE_OTHER_NETWORK.found(f"Dongle: {OTHER_NETWORK}")),
        ("setup_error", "x", ZIGBEE_STICK_SILENT.found("Dongle: x")),
        ("setup_error", "", ZIGBEE_STICK_SILENT.found("Dongle: no answer")),
        ("setup_retry", "", ZIGBEE_STICK_SILENT.found("Dongle: no answer")),
        ("setup_retry", DENIED, ZIGBEE_NO_PERMISSION.found(f"Dongle: {DENIED}")),
        ("setup_retry", REFUSED, ZIGBEE_NO_PERMISSION.found(f"Dongle: {REFUSED}")),
        ("setup_retry", LOCKED, ZIGBEE_STICK_IN_USE.found(f"Dongle: {LOCKED}")),
        ("setup_retry", BUSY, ZIGBEE_STICK_IN_USE.found(f"Dongle: {BUSY}")),
    ],
)
def test_an_entry_that_does_not_work_has_one_reason(
    state: str, reason: str, problem: ReportedProblem | None
) -> None:
    assert trouble(state, reason, [CABLE, USED]) == problem


def test_a_missing_stick_is_named_with_the_one_in_its_place() -> None:
    gone = SerialPort("/dev/serial/by-id/a", present=False, consumers=(ZHA,))
    for ports, found in (
        ([gone, CABLE], "/dev/serial/by-id/a"),
        ([gone, OTHER], "/dev/serial/by-id/a; SkyConnect v1.0 is plugged in instead"),
    ):
        assert trouble("setup_retry", "", ports) == ZIGBEE_STICK_MISSING.found(found)
    other_gone = changed(gone, consumers=(ANOTHER,))
    assert trouble("setup_retry", "", [other_gone]) == ZIGBEE_STICK_SILENT.found(
        "the stick: no answer"
    )


def test_home_assistants_list_is_read() -> None:
    text = b"""[{"device": "/dev/ttyACM0", "resolved_device": "/dev/ttyACM0", "vid": "1A86",
        "serial_number": null, "manufacturer": null, "description": null, "present": true,
        "matching_integrations": ["zha"], "discovery_flows": [{"flow_id": "7", "domain": "zha"}],
        "consumers": [{"kind": "app", "title": "x", "active": false, "domain": null}]}]"""
    [port] = msgspec.json.decode(text, type=tuple[SerialPort, ...])
    assert (port.name, port.is_zigbee_stick, port.found_flow) == ("/dev/ttyACM0", True, "7")
    assert port.consumers == (PortUser("x", None, is_active=False),)
    assert changed(port, discovery_flows=(PortFlow("7", "otbr"),)).found_flow == ""
