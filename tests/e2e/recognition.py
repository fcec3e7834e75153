"""Say which integrations the Home Assistant around this program sees in USB serial adapters.

Reads a JSON list of [vid, pid, product, interface], the texts as the USB descriptors have them, and
prints one list of integrations for each.
"""

from __future__ import annotations

import json
import sys

from homeassistant.components.usb import USBDiscovery
from homeassistant.components.usb.utils import usb_device_from_port
from homeassistant.generated.usb import USB
from serialx import SerialPortInfo

discovery = USBDiscovery(None, USB)
answers = []
for vid, pid, product, interface in json.load(sys.stdin):
    port = SerialPortInfo(
        device="/dev/serial/by-id/x",
        resolved_device="/dev/ttyUSB0",
        vid=int(vid, 16),
        pid=int(pid, 16),
        serial_number="1",
        manufacturer=None,
        product=product,
        bcd_device=None,
        interface_description=interface,
        interface_num=0,
    )
    matchers = discovery.async_get_usb_matchers_for_device(usb_device_from_port(port))
    answers.append(list(dict.fromkeys(matcher["domain"] for matcher in matchers)))
print(json.dumps(answers))  # noqa: T201 - what the test reads
