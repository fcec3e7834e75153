"""Each service has its volumes where its image, or a setting, expects them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from hems.desk.check import compose, settings
from hems.desk.check.compose import FILE, Service

GATEWAY = "gateway:/gateway"
READ_ONLY = ":ro"
# The paths are the images' own, and those of the programs in services/NAME.
EXPECTED = {
    "hems": ("system-manager:/data", GATEWAY, f"hass-config:/hass-config{READ_ONLY}"),
    "homeassistant": ("hass-config:/config", GATEWAY + READ_ONLY),
    "influxdb": ("influxdb-data:/var/lib/influxdb2", "influxdb-config:/etc/influxdb2"),
    "nginx-reverse-proxy": (GATEWAY + READ_ONLY,),
    "hass-configurator": ("hass-config:/config", GATEWAY + READ_ONLY),
    "mqtt": ("mosquitto:/mosquitto/data", GATEWAY + READ_ONLY),
}
HEMS, WIFI = "hems", "wifi-connect"


def problems(root: Path) -> Iterator[str]:
    """Yield each volume that is missing, and each setting whose file would be lost or not found."""
    services = compose.read(root).services
    for name, expected in EXPECTED.items():
        found = services[name].volumes if name in services else expected
        there = ", ".join(found) or "none"
        for mount in expected:
            if mount not in found:
                yield f"{FILE}: {name}: volumes: expected {mount}, found {there}"
    own = settings.read(root)
    kept = {
        "[provision] gateway_directory": own.provision.gateway_directory,
        "[provision] data_directory": own.provision.data_directory,
        "[watchdog] data_directory": own.watchdog.data_directory,
        "[led] log_file": own.led.log_file,
    }
    passing = {
        "[logs] directory": own.logs.directory,
        "[watchdog] state_file": own.watchdog.state_file,
        "[telemetry] health_file": own.telemetry.health_file,
    }
    yield from _outside(services.get(HEMS), HEMS, kept, is_kept=True)
    yield from _outside(services.get(HEMS), HEMS, passing, is_kept=False)
    heartbeat = {"[wifi_connect] heartbeat": own.wifi_connect.heartbeat}
    yield from _outside(services.get(WIFI), WIFI, heartbeat, is_kept=False)


def _outside(
    service: Service | None, name: str, paths: dict[str, str], *, is_kept: bool
) -> Iterator[str]:
    """Yield each setting that is in none of the service's volumes, or in no tmpfs."""
    if service is None:
        return
    places = [one.split(":")[1] for one in service.volumes if ":" in one]
    what, among = ("volume", places) if is_kept else ("tmpfs", service.tmpfs)
    for setting, path in paths.items():
        if not any(PurePosixPath(path).is_relative_to(place) for place in among):
            where = ", ".join(among) or "none"
            yield f"{settings.FILE}: {setting}: {path} is in no {what} of {name}; it has {where}"
