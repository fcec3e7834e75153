"""What a session of an administrator may ask of ZHA, Home Assistant's Zigbee integration.

zha/…                                    over the websocket
GET /api/diagnostics/config_entry/ENTRY  what it measures
"""

from __future__ import annotations

import msgspec

from hems.clients.home_assistant.command_base import SessionCommands
from hems.clients.home_assistant.zha_responses import (
    ZhaConfiguration,
    ZhaDevice,
    ZhaDiagnostics,
    ZhaOptions,
    ZigbeeScan,
)
from hems.protocols.json_decoding import decode_json


class ZhaCommands(SessionCommands):
    """A part of AdminSession; raises what it raises."""

    def zigbee_devices(self) -> tuple[ZhaDevice, ...]:
        """Return the devices of ZHA."""
        return self._socket.command(tuple[ZhaDevice, ...], "zha/devices")

    def zigbee_scan(self, entry_id: str) -> ZigbeeScan:
        """Let ZHA measure all channels, which takes some seconds. `entry_id` is its entry's."""
        path = f"/api/diagnostics/config_entry/{entry_id}"
        return decode_json(self._request("GET", path, None), ZhaDiagnostics, path).data

    def permit_zigbee_joining(self, seconds: int) -> None:
        """Let Zigbee devices join for `seconds`, at most 254; 0 closes the network."""
        self._socket.command(
            object,
            "call_service",
            domain="zha",
            service="permit",
            service_data={"duration": seconds},
        )

    def zigbee_options(self) -> ZhaOptions:
        """Return the options of ZHA; it has to be loaded."""
        return self._socket.command(ZhaConfiguration, "zha/configuration").data

    def set_zigbee_options(self, options: ZhaOptions) -> None:
        """Replace the options of ZHA, which starts again."""
        self._socket.command(object, "zha/configuration/update", data=options)

    def zigbee_backups(self) -> tuple[bytes, ...]:
        """Return the backups of the network that ZHA keeps, as JSON; they have its key."""
        backups = self._socket.command(tuple[msgspec.Raw, ...], "zha/network/backups/list")
        return tuple(bytes(one) for one in backups)

    def create_zigbee_backup(self) -> None:
        """Let ZHA make a backup of the network. This may take longer than the time-out."""
        self._socket.command(object, "zha/network/backups/create")
