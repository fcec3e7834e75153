"""The header that the LEDs are on is there."""

from __future__ import annotations

from pathlib import Path

from hems.doctor.finding import Finding, failed, note, ok
from hems.errors import HemsError
from hems.settings import Settings
from hems.system import gpio

ADVICE = "run on a Raspberry Pi, or name the chip: HEMS_LED_CHIP=0"


def look(settings: Settings) -> list[Finding]:
    if settings.led.pins == "mock":
        return [note("mock pins: nobody sees them")]
    number = settings.led.chip_number
    try:
        number = gpio.header_number() if number is None else number
    except HemsError as error:
        return [failed(str(error), "the header of a Raspberry Pi", ADVICE)]
    if not Path(f"/dev/gpiochip{number}").exists():
        return [
            failed(f"there is no /dev/gpiochip{number}", "the chip that HEMS_LED_CHIP says", ADVICE)
        ]
    return [ok(f"the header is gpiochip{number}")]
