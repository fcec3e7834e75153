#!/usr/local/bin/python3
"""Prepare the volume, the environment and the devices before s6 starts Home Assistant.

s6-overlay runs /etc/cont-init.d before any service. If a program there fails, the container ends
(S6_BEHAVIOUR_IF_STAGE2_FAILS), and balena starts it again. Home Assistant must start even if a step
here fails, so this program logs the failure and exits with 0, unless Home Assistant has no
owner: then it must not open its port, because a stranger could become its owner.
"""

from __future__ import annotations

import re
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

import owner
import release_copies
from default_files import install, replace
from device_nodes import show_all
from influxdb_entry import write_entry
from usb_serial_links import make_links
from volume_repairs import lift_bans, remove_truncated_backups
from yaml_connections import commented, has_other_database

VALID_TOKEN = re.compile(r"[!-~]{8,256}")
NOT_MADE_YET = "not-made-yet"
STORES_SINCE = (2026, 9)  # the first release that keeps http and influxdb in its stores
LOGIN_S = 60.0  # hems makes it within a second or two of its own start


@dataclass(frozen=True)
class Paths:
    """`environment` has a file for each variable that s6 gives to services (with-contenv)."""

    image: Path = Path("/opt/gateway/config")
    python: Path = Path("/opt/gateway/python")
    volume: Path = Path("/config")
    secrets: Path = Path("/gateway/secrets")
    environment: Path = Path("/run/s6/container_environment")
    ttys: Path = Path("/sys/class/tty")
    devices: Path = Path("/dev")
    workspace: Path = Path("/run/devices")


def keep_copies(paths: Paths, release: str) -> None:
    for line in release_copies.prepare(paths.volume, release):
        _log(line)


def install_defaults(paths: Paths, _release: str) -> None:
    for line in install(paths.image, paths.volume):
        _log(line)


def repair_volume(paths: Paths, _release: str) -> None:
    paths.volume.chmod(0o700)  # Home Assistant makes files with passwords readable for everybody
    for line in (*lift_bans(paths.volume, time.time()), *remove_truncated_backups(paths.volume)):
        _log(line)


def make_owner(paths: Paths, _release: str) -> None:
    """Make the owner of a new Home Assistant; wait for hems, which makes the login."""
    if not owner.exists(paths.volume):
        owner.close_onboarding(paths.volume)
        login = owner.login(paths.secrets, LOGIN_S)
        owner.create(paths.volume, login)
        _log(f"{login[0]} is the owner of Home Assistant")


def set_token(paths: Paths, _release: str) -> None:
    """Set INFLUX_TOKEN to the gateway's token, unless the variable has a valid value.

    The rule is provision's (hems/settings/shared_secret_rules.py), which keeps its own token in
    place of a wrong one. The gateway's own configuration does not need the variable, an edited one
    may.
    """
    variable = paths.environment / "INFLUX_TOKEN"
    if (token := _token(paths)) != NOT_MADE_YET:
        replace(variable, token.encode(), 0o600)


def connect_influxdb(paths: Paths, release: str) -> None:
    """Put the connection into Home Assistant's store, and what an old file has of it out."""
    if tuple(map(int, re.findall(r"\d+", release)[:2])) < STORES_SINCE:
        return
    path = paths.volume / "configuration.yaml"
    text = path.read_text(encoding="utf-8")
    if (new := commented(text)) != text:
        replace(path, new.encode(), path.stat().st_mode & 0o777)
        _log("configuration.yaml has your edits and stays; what moved to the stores is a comment")
    if not has_other_database(new):
        write_entry(paths.volume, _token(paths))


def change_python(paths: Paths, _release: str) -> None:
    """Let Home Assistant's Python import python/sitecustomize.py at its start."""
    replace(paths.environment / "PYTHONPATH", str(paths.python).encode(), 0o644)


def show_devices(paths: Paths, _release: str) -> None:
    """Let Home Assistant see what is plugged in later."""
    try:
        show_all(paths.devices, paths.workspace)
    except PermissionError as error:
        _log(f"only a restart shows what is plugged in from now on: {error}")


def link_coordinators(paths: Paths, _release: str) -> None:
    make_links(paths.ttys, paths.devices)


STEPS = (
    keep_copies,
    install_defaults,
    repair_volume,
    make_owner,
    set_token,
    connect_influxdb,
    change_python,
    show_devices,
    link_coordinators,
)


def main(paths: Paths, release: str) -> int:
    """Run every step, even after one that failed; return 1 if Home Assistant must not start."""
    for step in STEPS:
        try:
            step(paths, release)
        except Exception:  # noqa: BLE001 - Home Assistant starts in any case
            _log(f"{step.__name__} failed:\n{traceback.format_exc()}")
    return 0 if owner.exists(paths.volume) else 1


def _token(paths: Paths) -> str:
    """Return the variable's token if it is valid, else the one that hems keeps."""
    for path in (paths.environment / "INFLUX_TOKEN", paths.secrets / "INFLUX_TOKEN"):
        text = path.read_text(errors="replace").strip("\n") if path.exists() else ""
        if VALID_TOKEN.fullmatch(text):
            return text
    return NOT_MADE_YET


def _log(line: str) -> None:
    print(f"gateway: {line}", file=sys.stderr, flush=True)  # noqa: T201 - the container's log


if __name__ == "__main__":
    from homeassistant.const import __version__  # only the image has it

    sys.exit(main(Paths(), __version__))
