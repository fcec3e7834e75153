"""The values of attributes and their bytes (Zigbee cluster library, 2.6.2)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

ANALOG = range(0x20, 0x30)  # integers that count or measure: a report needs a smallest change


class ZclType(IntEnum):
    """The types that meters use, and those that ZHA configures reports with."""

    BOOL = 0x10
    BITMAP8 = 0x18
    BITMAP32 = 0x1B
    UINT8 = 0x20
    UINT16 = 0x21
    UINT24 = 0x22
    UINT32 = 0x23
    UINT48 = 0x25
    INT16 = 0x29
    INT24 = 0x2A
    INT32 = 0x2B  # of the total active power, which no meter here has
    ENUM8 = 0x30
    STRING = 0x42

    @property
    def is_analog(self) -> bool:
        return self in ANALOG


SIZES = {
    ZclType.BOOL: 1,
    ZclType.BITMAP8: 1,
    ZclType.BITMAP32: 4,
    ZclType.UINT8: 1,
    ZclType.UINT16: 2,
    ZclType.UINT24: 3,
    ZclType.UINT32: 4,
    ZclType.UINT48: 6,
    ZclType.INT16: 2,
    ZclType.INT24: 3,
    ZclType.INT32: 4,
    ZclType.ENUM8: 1,
}
SIGNED = {ZclType.INT16, ZclType.INT24, ZclType.INT32}


@dataclass(frozen=True)
class ZclValue:
    """A value, and the type that the device gives it."""

    type: ZclType
    value: int | str

    def encode(self) -> bytes:
        """Return the value without its type. Raises OverflowError if the type is too small."""
        if isinstance(self.value, str):
            text = self.value.encode()
            return bytes((len(text),)) + text
        return self.value.to_bytes(SIZES[self.type], "little", signed=self.type in SIGNED)

    def typed(self) -> bytes:
        """Return the value after its type, as answers and reports have it."""
        return bytes((self.type,)) + self.encode()

    @property
    def number(self) -> int:
        """Return the value of an integer type."""
        if isinstance(self.value, str):
            raise TypeError(f"{self.value!r} is a text")
        return self.value


def decode_integer(kind: ZclType, data: bytes) -> int:
    """Return the integer of type `kind` at the beginning of `data`."""
    return int.from_bytes(data[: SIZES[kind]], "little", signed=kind in SIGNED)
