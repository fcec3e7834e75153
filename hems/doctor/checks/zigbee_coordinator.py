"""Check whether a Zigbee coordinator is plugged in; a home without Zigbee has none."""

from __future__ import annotations

from hems.doctor.check_interface import CheckContext, Finding, note, ok
from hems.system import serial_adapters

TITLE = "zigbee"
ADVICE = "for Zigbee meters plug the coordinator in, with an extension cable, not beside USB 3"


def check(_context: CheckContext) -> list[Finding]:
    paths = serial_adapters.paths()
    adapters = [f"{path.name} {serial_adapters.product(path)}".strip() for path in paths]
    return [ok(", ".join(adapters))] if adapters else [note("no USB serial adapter", ADVICE)]
