"""Who can talk to whom: a stick, as a device sees it, and a device, as the stick does."""

from __future__ import annotations

from typing import Protocol

from dev.simulator.zigbee.aps_frames import UNICAST, ApsFrame


class Radio(Protocol):
    """A stick. Devices without its network's key do not reach it."""

    @property
    def open_network(self) -> bytes | None:
        """Return the key of its network while that can be joined, otherwise None."""

    def admit(self, device: RadioDevice, *, is_rejoin: bool) -> None:
        """Let a device with the network's key in."""

    def dismiss(self, device: RadioDevice) -> None:
        """Take the news that a device leaves."""

    def take(
        self, device: RadioDevice, header: ApsFrame, message: bytes, kind: int = UNICAST
    ) -> None:
        """Take a message from a device."""


class RadioDevice(Protocol):
    """A device in range; `network_key` is None before it joins."""

    eui64: bytes
    address: int
    network_key: bytes | None
    is_silent: bool

    def receive(self, header: ApsFrame, message: bytes) -> None:
        """Take a message from the stick."""

    def lose_network(self) -> None:
        """Forget the network, because the stick has removed the device."""
