"""A stick, as far as a device needs one."""

from __future__ import annotations

from dataclasses import dataclass, field

from dev.simulator.zigbee.aps_frames import UNICAST, ApsFrame
from dev.simulator.zigbee.radio_interface import RadioDevice
from tests.dev.simulator.zigbee.ezsp_host import KEY


@dataclass
class FakeRadio:
    """Open unless a test closes it; `heard` has headers, messages and kinds."""

    open_network: bytes | None = KEY
    news: list[str] = field(default_factory=list)
    heard: list[tuple[ApsFrame, bytes, int]] = field(default_factory=list)

    def admit(self, device: RadioDevice, *, is_rejoin: bool) -> None:
        self.news.append("rejoined" if is_rejoin else "joined")

    def dismiss(self, device: RadioDevice) -> None:
        self.news.append("left")

    def take(
        self, device: RadioDevice, header: ApsFrame, message: bytes, kind: int = UNICAST
    ) -> None:
        self.heard.append((header, message, kind))
