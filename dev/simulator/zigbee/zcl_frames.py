"""The frames of the Zigbee cluster library (ZCL 2.4).

A frame is its control byte, the manufacturer's code if bit 2 is set (two bytes), a transaction
number, a command and the command's fields.
"""

from __future__ import annotations

from dataclasses import dataclass

IS_CLUSTER_COMMAND, MANUFACTURER_SPECIFIC = 0x01, 0x04  # bits of the control byte
FROM_SERVER, DISABLE_DEFAULT_RESPONSE = 0x08, 0x10
READ, READ_RESPONSE = 0x00, 0x01
WRITE, WRITE_RESPONSE = 0x02, 0x04
CONFIGURE_REPORTING, CONFIGURE_REPORTING_RESPONSE = 0x06, 0x07
REPORT, DEFAULT_RESPONSE = 0x0A, 0x0B
SUCCESS, UNKNOWN_COMMAND, UNKNOWN_ATTRIBUTE, UNKNOWN_CLUSTER = 0x00, 0x81, 0x86, 0xC3


@dataclass(frozen=True)
class ZclFrame:
    """A command; `manufacturer` is empty or the two bytes of a manufacturer's code."""

    control: int
    number: int
    command: int
    fields: bytes
    manufacturer: bytes = b""

    @property
    def is_cluster_command(self) -> bool:
        return bool(self.control & IS_CLUSTER_COMMAND)

    @property
    def is_from_server(self) -> bool:
        """Return whether it is for the client's side of the cluster."""
        return bool(self.control & FROM_SERVER)

    def encode(self) -> bytes:
        head = bytes((self.control,)) + self.manufacturer
        return head + bytes((self.number, self.command)) + self.fields

    def answer(self, command: int, fields: bytes) -> ZclFrame:
        """Return an answer with a command of all clusters, in the other direction."""
        control = DISABLE_DEFAULT_RESPONSE | self.control & MANUFACTURER_SPECIFIC
        control |= self.control & FROM_SERVER ^ FROM_SERVER
        return ZclFrame(control, self.number, command, fields, self.manufacturer)

    def default_response(self, status: int) -> list[ZclFrame]:
        """Return the default response, if the sender wants it or the status is an error."""
        if status == SUCCESS and self.control & DISABLE_DEFAULT_RESPONSE:
            return []
        return [self.answer(DEFAULT_RESPONSE, bytes((self.command, status)))]


def decode(message: bytes) -> ZclFrame:
    """Return the frame. Raises IndexError if it is too short."""
    size = 2 if message[0] & MANUFACTURER_SPECIFIC else 0
    manufacturer, rest = message[1 : 1 + size], message[1 + size :]
    return ZclFrame(message[0], rest[0], rest[1], rest[2:], manufacturer)
