"""Drive LEDs on the lines of a Raspberry Pi's GPIO header with gpiozero; mock pins on a desk.

gpiozero uses lgpio. The number of the header's /dev/gpiochip depends on the model and the kernel,
so it is found by its label.
"""

from __future__ import annotations

import contextlib
import importlib
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from gpiozero import DigitalOutputDevice, GPIOZeroError
from gpiozero.pins.mock import MockFactory

from hems.errors import ConfigError, Unavailable

HEADERS = ("pinctrl-rp1", "pinctrl-bcm2711", "pinctrl-bcm2835")  # Pi 5, Pi 4, older ones


class LampOutputs:
    """One LED on each line, off at first and off again when closed."""

    def __init__(self, lines: Iterable[int], factory: Any) -> None:
        """Claim `lines` of gpiozero's pin `factory`, which `close` closes, too."""
        self._devices: dict[int, Any] = {}
        with contextlib.ExitStack() as held:
            held.callback(factory.close)
            for line in lines:
                device = held.enter_context(DigitalOutputDevice(line, pin_factory=factory))
                held.callback(device.off)
                self._devices[line] = device
            self._held = held.pop_all()

    def set(self, line: int, *, is_lit: bool) -> None:
        self._devices[line].value = is_lit

    def close(self) -> None:
        """Switch off every LED and release its line."""
        self._held.close()


def mock_lamps(lines: Iterable[int]) -> LampOutputs:
    """Return lamps on mock pins."""
    return LampOutputs(lines, MockFactory())


def header_lamps(lines: Iterable[int], chip: int | None) -> LampOutputs:
    """Return lamps on `lines` of /dev/gpiochip`chip`; None finds the header's chip.

    Raises ConfigError without lgpio, Unavailable when the chip or a line cannot be used.
    """
    lgpio = _lgpio()
    try:
        number = header(_labels(lgpio)) if chip is None else chip
        factory = importlib.import_module("gpiozero.pins.lgpio").LGPIOFactory(chip=number)
        return LampOutputs(lines, factory)
    except (lgpio.error, GPIOZeroError) as error:
        where = "the GPIO header" if chip is None else f"/dev/gpiochip{chip}"
        raise Unavailable(f"{where} cannot be used: {error}") from error


def header_number() -> int:
    """Return the number of the header's /dev/gpiochip.

    Raises ConfigError without lgpio, Unavailable when there is none.
    """
    return header(_labels(_lgpio()))


def header(labels: Mapping[int, str]) -> int:
    """Return the number of the header's chip, given the label of each chip.

    Raises Unavailable when none is the header.
    """
    for number, label in labels.items():
        if label in HEADERS:
            return number
    chips = ", ".join(f"gpiochip{number} is {label}" for number, label in labels.items())
    raise Unavailable(
        f"no GPIO header: found {chips or 'no /dev/gpiochip'}, expected one of "
        f"{', '.join(HEADERS)}; HEMS_LED_CHIP can name the chip"
    )


def _labels(lgpio: ModuleType) -> dict[int, str]:
    """Return the label of every chip, or the error in its place."""
    labels = {}
    for path in sorted(Path("/dev").glob("gpiochip[0-9]*")):
        number = int(path.name.removeprefix("gpiochip"))
        try:
            handle = lgpio.gpiochip_open(number)
            labels[number] = str(lgpio.gpio_get_chip_info(handle)[3])
            lgpio.gpiochip_close(handle)
        except lgpio.error as error:
            labels[number] = str(error)
    return labels


def _lgpio() -> ModuleType:
    """Import lgpio in a temporary working directory, because it leaves a named pipe there.

    The pipe stays open, so its name may be removed. Raises ConfigError without lgpio.
    """
    with (
        tempfile.TemporaryDirectory(prefix="hems-lgpio-") as directory,
        contextlib.chdir(directory),
    ):
        try:
            return importlib.import_module("lgpio")
        except ImportError as error:
            raise ConfigError(
                f"lgpio cannot be imported ({error}): install hems[gateway], or use mock pins"
            ) from error
