"""Keep one connection to the broker, over a socket in the container; never wait for the broker."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import mqtt_packets
from mqtt_packets import Packet

MAX_UNSENT = 1 << 20  # bytes
EVERYTHING = "#"
HEAP = "$SYS/broker/heap/current"  # bytes
DROPPED = "$SYS/broker/publish/messages/dropped"  # messages, for slow clients: also for this one


class ControlConnection:
    """Subscribed to every topic. Raises OSError if it is lost, ValueError for a strange answer."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._socket.setblocking(False)
        self._reader = mqtt_packets.PacketReader()
        self._unsent = b""
        self.send(mqtt_packets.connect(f"control-{os.urandom(8).hex()}"))
        self.send(mqtt_packets.subscribe(DROPPED))
        self.send(mqtt_packets.subscribe(HEAP))

    def fileno(self) -> int:
        return self._socket.fileno()

    def recall(self) -> None:
        """Have the broker send all retained messages again."""
        self.send(mqtt_packets.subscribe(EVERYTHING))

    def ping(self) -> None:
        self.send(bytes([mqtt_packets.PINGREQ, 0]))

    def send(self, data: bytes) -> bool:
        """Send `data` as soon as the broker takes it; return false if too much is unsent."""
        if len(self._unsent) + len(data) > MAX_UNSENT:
            return False
        self._unsent += data
        with suppress(BlockingIOError):
            while self._unsent:
                self._unsent = self._unsent[self._socket.send(self._unsent) :]
        return True

    def packets(self) -> Iterator[Packet]:
        """Yield what has arrived."""
        with suppress(BlockingIOError):
            data = self._socket.recv(mqtt_packets.RECEIVE_SIZE)
            if not data:
                raise OSError("the broker has closed the connection")
            yield from self._reader.packets(data)

    def close(self) -> None:
        self._socket.close()
