"""Check that volumes are declared and used, and mounted where images and settings expect them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from dev.check import compose_file, default_settings
from dev.check.compose_file import FILE, Compose, Service

TITLE = "compose: volumes are declared and mounted in the right place"
GATEWAY = "gateway:/gateway"
READ_ONLY = ":ro"
# The paths belong to the images, or to the programs in services/NAME.
EXPECTED = {
    "hems": (
        "system-manager:/data",
        GATEWAY,
        f"hass-config:/hass-config{READ_ONLY}",
        f"influxdb-data:/influxdb-data{READ_ONLY}",
    ),
    "homeassistant": ("hass-config:/config", GATEWAY + READ_ONLY),
    "influxdb": ("influxdb-data:/var/lib/influxdb2", "influxdb-config:/etc/influxdb2"),
    "nginx-reverse-proxy": (GATEWAY + READ_ONLY,),
    "hass-configurator": ("hass-config:/config", GATEWAY + READ_ONLY),
    "mqtt": ("mosquitto:/mosquitto/data", GATEWAY + READ_ONLY),
}
HEMS, WIFI = "hems", "wifi-connect"


def problems(root: Path) -> Iterator[str]:
    """Yield each invalid, unused or missing volume, and each setting whose file is in none."""
    project = compose_file.read(root)
    yield from _declarations(project)
    for name, expected in EXPECTED.items():
        mounts = project.services[name].volumes if name in project.services else expected
        for mount in expected:
            if mount not in mounts:
                names = ", ".join(mounts) or "none"
                yield f"{FILE}: {name}: volumes: expected {mount}, found {names}"
    yield from _settings(root, project)


def _declarations(project: Compose) -> Iterator[str]:
    used = set()
    for name, service in project.services.items():
        for mount in service.volumes:
            used.add(mount.partition(":")[0])
            if problem := _mount_problem(mount, project):
                yield f"{FILE}: {name}: volumes: {mount}: {problem}"
        for place in (place for place in service.tmpfs if ":" in place):
            yield f"{FILE}: {name}: tmpfs: found {place}, expected a path: balena takes no options"
    for volume, options in project.volumes.items():
        if volume not in used:
            yield f"{FILE}: volumes: {volume}: no service mounts it, remove it"
        if options:
            yield f"{FILE}: volumes: {volume}: found {', '.join(options)}, balena takes no options"


def _mount_problem(mount: str, project: Compose) -> str:
    source, _, target = mount.partition(":")
    if "/" in source or source.startswith("."):
        return "balena has no bind mounts, expected a volume or a feature label"
    if not target.startswith("/"):
        return "expected VOLUME:/PATH"
    if source not in project.volumes:
        return f"not declared, expected one of {', '.join(project.volumes)}"
    return ""


def _settings(root: Path, project: Compose) -> Iterator[str]:
    """Yield each setting whose file must survive a restart but would not, or the reverse."""
    settings = default_settings.read(root)
    kept = {
        "[provision] gateway_directory": settings.provision.gateway_directory,
        "[provision] data_directory": settings.provision.data_directory,
        "[watchdog] data_directory": settings.watchdog.data_directory,
        "[led] log_file": settings.led.log_file,
    }
    temporary = {
        "[logs] directory": settings.logs.directory,
        "[watchdog] state_file": settings.watchdog.state_file,
        "[telemetry] health_file": settings.telemetry.health_file,
        "[telemetry] commands_file": settings.telemetry.commands_file,
    }
    heartbeat = {"[wifi_connect] heartbeat": settings.wifi_connect.heartbeat}
    yield from _outside(project.services.get(HEMS), HEMS, kept, is_kept=True)
    yield from _outside(project.services.get(HEMS), HEMS, temporary, is_kept=False)
    yield from _outside(project.services.get(WIFI), WIFI, heartbeat, is_kept=False)


def _outside(
    service: Service | None, name: str, paths: dict[str, str], *, is_kept: bool
) -> Iterator[str]:
    """Yield each setting whose path is in no volume (if `is_kept`) or no tmpfs of the service."""
    if service is None:
        return
    targets = [mount.split(":")[1] for mount in service.volumes if ":" in mount]
    what, places = ("volume", targets) if is_kept else ("tmpfs", service.tmpfs)
    for setting, path in paths.items():
        if not any(PurePosixPath(path).is_relative_to(place) for place in places):
            where = ", ".join(places) or "none"
            file = default_settings.FILE
            yield f"{file}: {setting}: {path} is in no {what} of {name}; it has {where}"
