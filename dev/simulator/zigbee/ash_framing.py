"""The bytes of an ASH frame: checksum, stuffing and whitening (UG101, section 4).

On the line a frame is its control byte, its data field and a CRC-16/IBM-3740 (big-endian), then the
flag 0x7E. Reserved bytes before the flag are sent as 0x7D and the byte with bit 5 inverted.
"""

from __future__ import annotations

from binascii import crc_hqx
from collections.abc import Iterator

FLAG, ESCAPE, XON, XOFF, SUBSTITUTE, CANCEL = 0x7E, 0x7D, 0x11, 0x13, 0x18, 0x1A
RESERVED = frozenset((FLAG, ESCAPE, XON, XOFF, SUBSTITUTE, CANCEL))
INVERTED = 0x20
CRC_START, CRC_SIZE = 0xFFFF, 2
MAX_DATA_SIZE = 128  # bytes of a data field
MAX_STUFFED_SIZE = 2 * (1 + MAX_DATA_SIZE + CRC_SIZE)
SEED, TAPS = 0x42, 0xB8  # of the pseudo-random sequence


def _whitening(size: int) -> bytes:
    sequence, value = bytearray(), SEED
    for _ in range(size):
        sequence.append(value)
        value = (value >> 1) ^ (TAPS if value & 1 else 0)
    return bytes(sequence)


WHITENING = _whitening(MAX_DATA_SIZE)


def whiten(data: bytes) -> bytes:
    """Return the data field of a data frame as it is on the line, and the other way round.

    Raises ValueError if it is longer than ASH allows.
    """
    if len(data) > MAX_DATA_SIZE:
        raise ValueError(f"a data field of {len(data)} bytes, ASH allows {MAX_DATA_SIZE}")
    return bytes(one ^ other for one, other in zip(data, WHITENING, strict=False))


def encode(frame: bytes) -> bytes:
    """Return a frame (control byte and data field) as it is on the line."""
    stuffed = bytearray()
    for byte in frame + _crc(frame):
        stuffed += bytes((ESCAPE, byte ^ INVERTED)) if byte in RESERVED else bytes((byte,))
    return bytes(stuffed) + bytes((FLAG,))


class AshFrameReader:
    """Finds the frames in the bytes of a line; it keeps at most one unfinished frame."""

    def __init__(self) -> None:
        self._stuffed = bytearray()
        self._is_spoilt = False  # by a substitute byte, or by its length

    def receive(self, data: bytes) -> Iterator[bytes | None]:
        """Yield each frame (control byte and data field) that `data` ends; None: a damaged one."""
        for byte in data:
            if byte == FLAG:
                stuffed, is_spoilt = bytes(self._stuffed), self._is_spoilt
                self._forget()
                if stuffed or is_spoilt:
                    yield None if is_spoilt else _checked(_unstuffed(stuffed))
            elif byte == CANCEL:
                self._forget()
            elif byte == SUBSTITUTE or len(self._stuffed) >= MAX_STUFFED_SIZE:
                self._is_spoilt = True
            elif byte not in (XON, XOFF):
                self._stuffed.append(byte)

    def _forget(self) -> None:
        self._stuffed.clear()
        self._is_spoilt = False


def _crc(frame: bytes) -> bytes:
    return crc_hqx(frame, CRC_START).to_bytes(CRC_SIZE, "big")


def _unstuffed(stuffed: bytes) -> bytes:
    frame, is_escaped = bytearray(), False
    for byte in stuffed:
        if byte == ESCAPE and not is_escaped:
            is_escaped = True
            continue
        frame.append(byte ^ INVERTED if is_escaped else byte)
        is_escaped = False
    return bytes(frame)


def _checked(frame: bytes) -> bytes | None:
    content, crc = frame[:-CRC_SIZE], frame[-CRC_SIZE:]
    return content if content and _crc(content) == crc else None
