"""Decode and encode the encrypted frames of the eeSmart D2L, protocol version 3.

All integers are little-endian. Byte 16 and all after it are encrypted with AES-128-CBC without
PKCS padding. A device uses the same key and IV for every frame.

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

A device sends requests; the answer has the same type, and the time as payload.
There is no MAC and no counter: a frame that this module accepts may be a replay.
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
    """The types of requests; a device may send others, see `D2lFrame.type`."""

    FIRMWARE_UPDATE = 1
    PUSH_JSON = 3
    GET_CLOCK = 5
    NO_INTERNET = 7


class D2lFrame(msgspec.Struct, frozen=True):
    """One decrypted frame. `type` may be missing in `PayloadType`: the server decides."""

    device_id: int
    type: int
    payload: bytes
    random: bytes  # 16 bytes
    is_response: bool = False
    has_error: bool = False
    next_command: int = 0

    def __repr__(self) -> str:
        """Show no payload: it contains the home's delivery point."""
        return f"D2lFrame(device {format_id(self.device_id)}, type {self.type})"


class D2lCipher:
    """AES-128-CBC of whole blocks with a device's key and IV, 16 bytes each."""

    def __init__(self, key: bytes, iv: bytes) -> None:
        self._cipher = ciphers.Cipher(algorithms.AES128(key), modes.CBC(iv))

    def encrypt(self, data: bytes) -> bytes:
        return self._cipher.encryptor().update(data)

    def decrypt(self, data: bytes) -> bytes:
        return self._cipher.decryptor().update(data)


def device_id(data: bytes) -> int:
    """Return the id in the clear header of a frame that `D2lFrameReader` returned."""
    identity: int = CLEAR_HEADER.unpack_from(data)[2]
    return identity


def format_id(number: int) -> str:
    """Return the id as printed on the device: 12 decimal digits."""
    return f"{number:0{ID_DIGITS}d}"


def decode(data: bytes, cipher: D2lCipher) -> D2lFrame:
    """Decrypt and check one whole frame. Raises ProtocolError for every fault."""
    check_clear_header(data)
    if len(data) < MIN_FRAME_SIZE:
        raise ProtocolError(f"frame: found {len(data)} bytes, expected at least {MIN_FRAME_SIZE}")
    clear = data[:CLEAR_SIZE]
    _, size, sender, _ = CLEAR_HEADER.unpack(clear)
    if size != len(data):
        raise ProtocolError(f"frame: found {len(data)} bytes, expected the {size} of its header")
    inner = cipher.decrypt(data[CLEAR_SIZE:])
    random, crc, length, kind, command = INNER_HEADER.unpack_from(inner)
    if modbus(inner[34 - CLEAR_SIZE :], modbus(clear + random)) != crc:
        raise ProtocolError("wrong CRC: the frame is corrupted, or the key is wrong")
    if HEADER_SIZE + length > size:
        raise ProtocolError(f"payload: found {length} bytes, expected at most {size - HEADER_SIZE}")
    payload = inner[INNER_HEADER.size : INNER_HEADER.size + length]
    return D2lFrame(
        sender, kind & ~FLAG, payload, random, kind >= FLAG, command >= FLAG, command & ~FLAG
    )


def encode(frame: D2lFrame, cipher: D2lCipher) -> bytes:
    """Return the encrypted frame. Raises ProtocolError if it does not fit the format."""
    length = len(frame.payload)
    if length > MAX_PAYLOAD_SIZE or len(frame.random) != RANDOM_SIZE:
        raise ProtocolError(
            f"found a payload of {length} and a random of {len(frame.random)} bytes, "
            f"expected at most {MAX_PAYLOAD_SIZE} and exactly {RANDOM_SIZE}"
        )
    size = -(-(HEADER_SIZE + length) // BLOCK_SIZE) * BLOCK_SIZE
    clear = CLEAR_HEADER.pack(VERSION, size, frame.device_id, AES_CBC)
    kind = frame.type | FLAG * frame.is_response
    command = frame.next_command | FLAG * frame.has_error
    rest = (AFTER_CRC.pack(length, kind, command) + frame.payload).ljust(size - 34, b"\0")
    crc = CRC.pack(modbus(rest, modbus(clear + frame.random)))
    return clear + cipher.encrypt(frame.random + crc + rest)


def clock_answer(request: D2lFrame, unix_time: float, random: bytes) -> D2lFrame:
    """Return the answer to `request`: the time and 16 fresh random bytes.

    Raises ProtocolError if `unix_time` (seconds) is not between 2016 and 2152.
    """
    seconds = int(unix_time) - CLOCK_EPOCH
    if not 0 <= seconds < 1 << 32:
        raise ProtocolError(
            f"time: found {unix_time:.0f}, expected 2016 to 2152; is the clock set?"
        )
    return D2lFrame(request.device_id, request.type, CLOCK.pack(seconds), random, is_response=True)


def decode_clock(payload: bytes) -> int:
    """Return the unix time in an answer's payload. Raises ProtocolError for other sizes."""
    if len(payload) != CLOCK.size:
        raise ProtocolError(f"clock: found {len(payload)} bytes, expected {CLOCK.size}")
    seconds: int = CLOCK.unpack(payload)[0]
    return CLOCK_EPOCH + seconds


def check_clear_header(header: bytes | bytearray) -> None:
    """Raise ProtocolError if the bytes received so far already show that the header is wrong."""
    version, method = header[:2], header[12:CLEAR_SIZE]
    if not VERSION_BYTES.startswith(version) or not METHOD_BYTES.startswith(method):
        raise ProtocolError(
            f"header: found version {version.hex()} and method {method.hex() or 'to come'}, "
            f"expected {VERSION_BYTES.hex()} and {METHOD_BYTES.hex()}"
        )
    if len(header) < 4:
        return
    size = int.from_bytes(header[2:4], "little")
    if size % BLOCK_SIZE or not MIN_FRAME_SIZE <= size <= MAX_FRAME_SIZE:
        raise ProtocolError(
            f"frame size: found {size}, expected a multiple of {BLOCK_SIZE} "
            f"from {MIN_FRAME_SIZE} to {MAX_FRAME_SIZE}"
        )
