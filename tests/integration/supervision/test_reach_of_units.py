"""What each unit of etc/supervisord.conf can read, as its own user and with its capabilities.

The units run with their directives in a supervisord; a copy of the device's volumes, with the
owners and modes that provision and Home Assistant give them, takes the place of the real ones.
"""

from __future__ import annotations

import grp
import os
import pwd
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.check import supervisord_conf
from tests.integration.supervision.rig import ROOT, Rig, program

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to change the user"),
]

UNIT = re.compile(r'UNIT="([^"]*)"')
KEPT = (
    *("NoNewPrivileges", "CapabilityBoundingSet", "AmbientCapabilities"),
    *("InaccessiblePaths", "UMask"),
)
WORKERS_GID = pwd.getpwnam("nobody").pw_gid
OWN_GROUP = "daemon"  # in the place of telemetry's
# Path, mode, group; the folders have the modes that the services give them.
FILES = (
    ("gateway/secrets/CONFIG_PASSWORD", 0o600, 0),
    ("gateway/secrets/WIFI_PORTAL_PASSPHRASE", 0o600, 0),
    ("gateway/secrets/MQTT_PASSWORD", 0o640, WORKERS_GID),
    ("gateway/secrets/TELEMETRY_TOKEN", 0o640, grp.getgrnam(OWN_GROUP).gr_gid),
    ("data/pki/ca.key", 0o600, 0),
    ("data/provision.json", 0o600, 0),
    ("hass-config/secrets.yaml", 0o644, 0),
    ("hass-config/.storage/core.config_entries", 0o644, 0),
    ("influxdb-data/influxd.bolt", 0o600, 1000),
    ("run/hems/secrets/CONFIG_PASSWORD", 0o600, 0),
    ("run/hems/credentials/provision/CONFIG_PASSWORD", 0o400, 0),
)
FOLDERS = {
    "gateway/secrets": 0o711,
    "data/pki": 0o700,
    "run/hems/secrets": 0o700,
    "hass-config": 0o700,
    "influxdb-data": 0o700,
}
MAY_READ = {
    "eesmart-d2l": {"gateway/secrets/MQTT_PASSWORD"},
    "telemetry": {"gateway/secrets/MQTT_PASSWORD", "gateway/secrets/TELEMETRY_TOKEN"},
    "led": {"hass-config/secrets.yaml", "hass-config/.storage/core.config_entries"},
    "iptables-init": set(),
    "watchdog": set(),
}


@pytest.fixture
def volumes() -> Iterator[Path]:
    """Return a copy of the volumes that every user may reach, as on a device."""
    root = Path(tempfile.mkdtemp())
    root.chmod(0o755)
    for name, mode, group in FILES:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{name}\n")
        path.chmod(mode)
        os.chown(path, 0, group)
    for name, mode in FOLDERS.items():
        (root / name).chmod(mode)
    (root / "done").write_text("done\n")
    yield root
    shutil.rmtree(root)


def directives(worker: str, root: Path) -> str:
    """Return the unit's directives for its rights, with the paths of the copy."""
    text = UNIT.findall(supervisord_conf.programs(ROOT)[worker]["environment"])[0]
    words = [word for word in text.split() if word.startswith(KEPT)]
    if worker == "telemetry":
        words.append(f"SupplementaryGroups={OWN_GROUP}")
    return " ".join(word.replace("=-/", f"=-{root}/") for word in words)


@pytest.mark.parametrize("worker", MAY_READ)
def test_a_unit_reads_what_it_needs_and_no_more(rig: Rig, volumes: Path, worker: str) -> None:
    paths = " ".join(str(volumes / name) for name in (*(name for name, _, _ in FILES), "done"))
    command = f"tail --quiet --lines=+1 --follow {paths}"  # without a shell, and it goes on
    is_unprivileged = "user" in supervisord_conf.programs(ROOT)[worker]
    user = ["user = nobody"] if is_unprivileged else []
    rig.start(program(worker, command, directives(worker, volumes), *user))
    log = rig.folder / f"{worker}.log"
    rig.until(lambda: "done" in log.read_text().splitlines())
    names = {name for name, _, _ in FILES}
    assert names & {*log.read_text().splitlines()} == MAY_READ[worker]


def test_every_unit_is_looked_at() -> None:
    assert MAY_READ.keys() == supervisord_conf.programs(ROOT).keys() - {"provision"}
