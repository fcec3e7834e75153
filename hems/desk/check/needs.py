"""Each service has the rights that its work takes, and the editor no more than those."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hems.desk.check import compose
from hems.desk.check.compose import FILE

FEATURES = {
    "hems": "io.balena.features.supervisor-api",  # restarts and reboots
    "wifi-connect": "io.balena.features.dbus",  # NetworkManager
}
CAPABILITIES = {"wifi-connect": "NET_ADMIN"}  # its rule for the portal
PRIVILEGED = {
    "hems": "the GPIO chips of every model",
    "homeassistant": "the Zigbee coordinator, which may be missing",
}
CONFINED = "hass-configurator"  # root, because Home Assistant's files are root's


def problems(root: Path) -> Iterator[str]:
    """Yield each right that is missing, and what the file editor could do besides."""
    for name, service in compose.read(root).services.items():
        where = f"{FILE}: {name}"
        if name in FEATURES and FEATURES[name] not in service.labels:
            yield f'{where}: labels: expected {FEATURES[name]}: "1"'
        if name in CAPABILITIES and CAPABILITIES[name] not in service.cap_add:
            yield f"{where}: cap_add: expected {CAPABILITIES[name]}"
        if name in PRIVILEGED and not service.privileged:
            yield f"{where}: privileged: expected true, for {PRIVILEGED[name]}"
        if name == CONFINED and not (service.read_only and "ALL" in service.cap_drop):
            yield f"{where}: expected read_only: true and cap_drop: [ALL], because it is root"
