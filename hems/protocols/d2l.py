"""Frames of the eeSmart D2L, protocol version 3. Bytes in, values out.

All integers are little-endian. Everything from byte 16 on is encrypted with
AES-128-CBC, without PKCS padding; a device has one key and IV for every frame.

     0  1  protocol version, 3
     1  1  unused, 0
     2  2  size of the whole frame, padding included
     4  8  device id
    12  1  bits 0-2: encryption method, 1; the rest unused, 0
    13  3  unused, 0
    16 16  random                                    -- encrypted from here on
    32  2  CRC-16/MODBUS of the whole plaintext without these two bytes
    34  2  payload size n
    36  1  bits 0-6: payload type, bit 7: response
    37  1  bits 0-6: next command, bit 7: error
    38  n  payload, then zeros up to a multiple of 16

A device sends requests; the answer to one carries the same type and the time.
There is no MAC and no counter: what this module accepts may be a replay.
"""

from __future__ import annotations

import struct
from enum import IntEnum

import msgspec
from cryptography.hazmat.primitives import ciphers
from cryptography.hazmat.primitives.ciphers import algorithms, modes
from fastcrc.crc16 import modbus

from hems.errors import ProtocolError

VERSION = 3
AES_CBC = 1
BLOCK_SIZE = 16
CLEAR_SIZE = 16
HEADER_SIZE = 38
MIN_FRAME_SIZE = 48
MAX_FRAME_SIZE = 4096
MAX_PAYLOAD_SIZE = MAX_FRAME_SIZE - HEADER_SIZE
MAX_BUFFER_SIZE = 16 * MAX_FRAME_SIZE
RANDOM_SIZE = 16
ID_DIGITS = 12
CLOCK_EPOCH = 1_451_606_400  # 2016-01-01T00:00:00Z in unix seconds
FLAG = 0x80  # response in byte 36, error in byte 37

CLEAR_HEADER = struct.Struct("<HHQI")  # version and unused, size, id, method and unused
VERSION_BYTES = VERSION.to_bytes(2, "little")
METHOD_BYTES = AES_CBC.to_bytes(4, "little")
INNER_HEADER = struct.Struct("<16sHHBB")  # from byte 16: random, CRC, payload size, type, command
AFTER_CRC = struct.Struct("<HBB")
CRC = struct.Struct("<H")
CLOCK = struct.Struct("<I")


class PayloadType(IntEnum):
    """What a request is about; a device may send others, see `Frame.type`."""

    FIRMWARE_UPDATE = 1
    PUSH_JSON = 3
    GET_CLOCK = 5
    NO_INTERNET = 7


class Frame(msgspec.Struct, frozen=True):
    """One decrypted frame. `type` may be none of `PayloadType`: the server decides."""

    device_id: int
    type: int
    payload: bytes
    random: bytes  # 16 bytes
    is_response: bool = False
    has_error: bool = False
    next_command: int = 0

    def __repr__(self) -> str:
        """Show no payload: it holds the owner's delivery point."""
        return f"Frame(device {format_id(self.device_id)}, type {self.type})"


class Cipher:
    """AES-128-CBC under a device's key and IV, 16 bytes each, for whole blocks."""

    def __init__(self, key: bytes, iv: bytes) -> None:
        self._cipher = ciphers.Cipher(algorithms.AES128(key), modes.CBC(iv))

    def encrypt(self, data: bytes) -> bytes:
        return self._cipher.encryptor().update(data)

    def decrypt(self, data: bytes) -> bytes:
        return self._cipher.decryptor().update(data)


class FrameReader:
    """Cut a byte stream into whole, still encrypted frames.

    Feed `receive_data`, then call `next_frame` until it returns None. The first
    ProtocolError of either ends the reader: every later call raises it again.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._fault = ""

    @property
    def has_partial(self) -> bool:
        """Tell whether a frame has begun, once `next_frame` has returned None."""
        return bool(self._buffer)

    def receive_data(self, data: bytes) -> None:
        """Keep `data` for `next_frame`; raise ProtocolError beyond 64 KiB unread."""
        if not self._fault and len(self._buffer) + len(data) > MAX_BUFFER_SIZE:
            self._fault = f"{len(data)} more bytes, expected at most {MAX_BUFFER_SIZE} unread"
        if self._fault:
            raise ProtocolError(self._fault)
        self._buffer += data

    def next_frame(self) -> bytes | None:
        """Return one whole frame, or None when more data is needed.

        Raises ProtocolError at the first byte that cannot be a clear header's.
        """
        if self._fault:
            raise ProtocolError(self._fault)
        try:
            _check_clear_header(self._buffer)
        except ProtocolError as error:
            self._fault = str(error)
            raise
        if len(self._buffer) < CLEAR_SIZE:
            return None
        size: int = CLEAR_HEADER.unpack_from(self._buffer)[1]
        if len(self._buffer) < size:
            return None
        frame = bytes(self._buffer[:size])
        del self._buffer[:size]
        return frame


def device_id(data: bytes) -> int:
    """Return the id in the clear header of a frame that `FrameReader` returned."""
    found: int = CLEAR_HEADER.unpack_from(data)[2]
    return found


def format_id(number: int) -> str:
    """Return the id as it is printed on the device: 12 decimal digits."""
    return f"{number:0{ID_DIGITS}d}"


def parse_id(text: str) -> int:
    """Return the id printed as `text`; raise ProtocolError unless it is 12 digits."""
    if len(text) != ID_DIGITS or not (text.isascii() and text.isdecimal()):
        raise ProtocolError(f"device id {text[:40]!r}, expected {ID_DIGITS} decimal digits")
    return int(text)


def decode(data: bytes, cipher: Cipher) -> Frame:
    """Decrypt and check one whole frame; raise ProtocolError if anything is wrong with it."""
    _check_clear_header(data)
    if len(data) < MIN_FRAME_SIZE:
        raise ProtocolError(f"frame of {len(data)} bytes, expected at least {MIN_FRAME_SIZE}")
    clear = data[:CLEAR_SIZE]
    _, size, sender, _ = CLEAR_HEADER.unpack(clear)
    if size != len(data):
        raise ProtocolError(f"{len(data)} bytes, expected the {size} that the header announces")
    inner = cipher.decrypt(data[CLEAR_SIZE:])
    random, crc, length, kind, command = INNER_HEADER.unpack_from(inner)
    if modbus(inner[34 - CLEAR_SIZE :], modbus(clear + random)) != crc:
        raise ProtocolError("wrong CRC, expected the plaintext's: corrupted frame or wrong key")
    if HEADER_SIZE + length > size:
        raise ProtocolError(f"payload of {length} bytes, expected {size - HEADER_SIZE} at most")
    payload = inner[INNER_HEADER.size : INNER_HEADER.size + length]
    return Frame(
        sender, kind & ~FLAG, payload, random, kind >= FLAG, command >= FLAG, command & ~FLAG
    )


def encode(frame: Frame, cipher: Cipher) -> bytes:
    """Return the encrypted frame; raise ProtocolError if it does not fit the format."""
    length = len(frame.payload)
    if length > MAX_PAYLOAD_SIZE or len(frame.random) != RANDOM_SIZE:
        raise ProtocolError(
            f"payload of {length} and random of {len(frame.random)} bytes, "
            f"expected at most {MAX_PAYLOAD_SIZE} and exactly {RANDOM_SIZE}"
        )
    size = -(-(HEADER_SIZE + length) // BLOCK_SIZE) * BLOCK_SIZE
    clear = CLEAR_HEADER.pack(VERSION, size, frame.device_id, AES_CBC)
    kind = frame.type | FLAG * frame.is_response
    command = frame.next_command | FLAG * frame.has_error
    rest = (AFTER_CRC.pack(length, kind, command) + frame.payload).ljust(size - 34, b"\0")
    crc = CRC.pack(modbus(rest, modbus(clear + frame.random)))
    return clear + cipher.encrypt(frame.random + crc + rest)


def clock_answer(request: Frame, unix_time: float, random: bytes) -> Frame:
    """Return the answer to `request`: the time and 16 fresh random bytes.

    Raises ProtocolError if `unix_time` (seconds) is not between 2016 and 2152.
    """
    seconds = int(unix_time) - CLOCK_EPOCH
    if not 0 <= seconds < 1 << 32:
        raise ProtocolError(f"time {unix_time:.0f}, expected 2016 to 2152: is the clock set?")
    return Frame(request.device_id, request.type, CLOCK.pack(seconds), random, is_response=True)


def decode_clock(payload: bytes) -> int:
    """Return the unix time in an answer's payload; raise ProtocolError unless it is 4 bytes."""
    if len(payload) != CLOCK.size:
        raise ProtocolError(f"clock of {len(payload)} bytes, expected {CLOCK.size}")
    seconds: int = CLOCK.unpack(payload)[0]
    return CLOCK_EPOCH + seconds


def _check_clear_header(header: bytes | bytearray) -> None:
    """Raise ProtocolError if the bytes that are here already prove the header bad."""
    version, method = header[:2], header[12:CLEAR_SIZE]
    if not VERSION_BYTES.startswith(version) or not METHOD_BYTES.startswith(method):
        raise ProtocolError(
            f"header with version {version.hex()} and method {method.hex() or 'to come'}, "
            f"expected {VERSION_BYTES.hex()} and {METHOD_BYTES.hex()}"
        )
    if len(header) < 4:
        return
    size = int.from_bytes(header[2:4], "little")
    if size % BLOCK_SIZE or not MIN_FRAME_SIZE <= size <= MAX_FRAME_SIZE:
        raise ProtocolError(
            f"frame size {size}, expected a multiple of {BLOCK_SIZE} "
            f"from {MIN_FRAME_SIZE} to {MAX_FRAME_SIZE}"
        )
