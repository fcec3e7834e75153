"""Check that the GPIO header with the LEDs exists."""

from __future__ import annotations

from pathlib import Path

from hems.doctor.check_interface import CheckContext, Finding, failed, note, ok
from hems.errors import HemsError
from hems.system import gpio

TITLE = "gpio"
CAUSES = ("settings",)
ADVICE = "run on a Raspberry Pi, or set the number of the chip: HEMS_LED_CHIP=0"


def check(context: CheckContext) -> list[Finding]:
    led = context.settings.led
    if led.pins == "mock":
        return [note("mock pins: there are no real LEDs")]
    try:
        number = gpio.header_number() if led.chip_number is None else led.chip_number
    except HemsError as error:
        return [failed(str(error), "the header of a Raspberry Pi", ADVICE)]
    chip = Path(f"/dev/gpiochip{number}")
    if not chip.exists():
        return [failed(f"{chip} does not exist", "the chip of HEMS_LED_CHIP", ADVICE)]
    return [ok(f"the header is {chip.name}")]
