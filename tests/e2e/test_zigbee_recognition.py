"""Which Zigbee sticks the real Home Assistant recognises, by the texts of their USB devices.

Numbers and texts are those of the makers' descriptors. A stick that Home Assistant does not
recognise looks like any other converter: it is reported, and never guessed.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from hems.protocols.gateway.zigbee_problem_kinds import (
    USB_ADAPTER_UNKNOWN,
)
from hems.protocols.home_assistant.zigbee_stick_finder import SerialPort, stick_to_set_up
from hems.supervision.worker.problem import ReportedProblem
from tests.e2e.home_assistant import PATH

pytestmark = pytest.mark.e2e

RECOGNITION = Path(__file__).with_name("recognition.py")
ANSWER_S = 60
ZHA, SKY_CONNECT, ZBT_2 = "zha", "homeassistant_sky_connect", "homeassistant_connect_zbt2"
Texts = tuple[str, str, str, str | None]  # vid, pid, product, interface
RECOGNISED: dict[Texts, str] = {
    ("1A86", "55D4", "SONOFF Zigbee 3.0 USB Dongle Plus V2", None): ZHA,  # ZBDongle-E
    ("10C4", "EA60", "Sonoff Zigbee 3.0 USB Dongle Plus V2", None): ZHA,  # ZBDongle-E, newer
    ("10C4", "EA60", "Sonoff Zigbee 3.0 USB Dongle Plus", None): ZHA,  # ZBDongle-P
    ("10C4", "EA60", "SONOFF Dongle Max MG24", None): ZHA,
    ("10C4", "EA60", "SONOFF Dongle Lite MG21", None): ZHA,
    ("10C4", "EA60", "SkyConnect v1.0", None): SKY_CONNECT,
    ("10C4", "EA60", "Home Assistant Connect ZBT-1", None): SKY_CONNECT,
    ("303A", "4001", "ZBT-2", "Nabu Casa ZBT-2"): ZBT_2,
    ("303A", "831A", "ZBT-2", None): ZBT_2,
    ("1CF1", "0030", "ConBee II", None): ZHA,
    ("0403", "6015", "ConBee III", None): ZHA,
    ("10C4", "EA60", "SMLIGHT SLZB-07", None): ZHA,
    ("10C4", "EA60", "slae.sh cc2652rb stick - slaesh's iot stuff", None): ZHA,
    ("10C4", "EA60", "TubesZB CC2652", None): ZHA,
    ("1A86", "7523", "TubesZB CC2652", None): ZHA,
    ("1A86", "7523", "ZigStar LAN/USB", None): ZHA,
    ("10C4", "8A2A", "HubZ Smart Home Controller", "HubZ ZigBee Com Port"): ZHA,  # HUSBZB-1
    ("10C4", "8B34", "BV 2010/10", None): ZHA,  # Bitron
    ("10C4", "EA60", "ZiGate", None): ZHA,
    ("0403", "6015", "ZiGate+", None): ZHA,
}
# Among them are converters that many makers use, with the converter's own text.
UNKNOWN: tuple[Texts, ...] = (
    ("10C4", "EA60", "SLZB-06", None),
    ("1A86", "7523", "USB Serial", None),  # Electrolama zzh!
    ("10C4", "EA60", "CP2102N USB to UART Bridge Controller", None),  # Elelabs, zzhp
    ("0451", "16A8", "TI CC2531 USB CDC", None),
    ("0451", "BEF3", "XDS110 (03.00.00.20) Embed with CMSIS-DAP", None),  # CC2652 LaunchPad
    ("0403", "6001", "FT232R USB UART", None),  # a meter's cable, for example
)
OF_OTHERS: dict[Texts, str] = {
    ("0658", "0200", "Z-Wave", None): "zwave_js",
    ("10C4", "8A2A", "HubZ Smart Home Controller", "HubZ Z-Wave Com Port"): "zwave_js",
}
TABLE = (*RECOGNISED, *UNKNOWN, *OF_OTHERS)


@pytest.fixture(scope="module")
def ports(root: Path) -> dict[Texts, SerialPort]:
    """Return each adapter as Home Assistant lists it."""
    answer = subprocess.run(
        ["chroot", str(root), "python3", "-c", RECOGNITION.read_text()],
        env={"PATH": PATH},
        input=json.dumps(TABLE),
        capture_output=True,
        text=True,
        timeout=ANSWER_S,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return {
        texts: SerialPort("/dev/ttyUSB0", vid=texts[0], matching_integrations=tuple(domains))
        for texts, domains in zip(TABLE, json.loads(answer.stdout), strict=True)
    }


@pytest.mark.parametrize("texts", TABLE, ids=lambda texts: texts[2])
def test_a_stick_is_recognised_or_reported(ports: dict[Texts, SerialPort], texts: Texts) -> None:
    port = ports[texts]
    expected = RECOGNISED.get(texts) or OF_OTHERS.get(texts)
    assert port.matching_integrations == ((expected,) if expected else ())
    found = stick_to_set_up([port])
    if texts in RECOGNISED:
        assert found is port
    elif texts in UNKNOWN:
        assert isinstance(found, ReportedProblem)
        assert found.name == USB_ADAPTER_UNKNOWN.name
    else:
        assert found is None
