"""Keep the folder that a desk runs in: sockets, logs, the broker's files. Private, one desk each.

lock               held while a desk runs here
supervisord.conf   etc/supervisord.conf and the desk's own programs
supervisor.sock    what bin/status and supervisorctl talk to
mqtt-password      the workers' password at the broker, for people who want to see every topic
d2l-devices        the simulated dongles, id:key:iv;..., for bin/meter
gateway/           provision's files: the volume `gateway` of a device
homeassistant/     Home Assistant's own files, with bin/up --home-assistant
supervisor-key     for people who want to order a fault (dev/simulator/balena_server.py)
log/desk.log       the container's log; log/UNIT.log has one unit's
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from dev.home_assistant import desk_configuration
from dev.home_assistant.installation import DEFAULTS
from dev.launcher import mosquitto_or_embedded_broker
from dev.launcher.desk_plan import Plan
from dev.launcher.desk_supervisord_conf import supervisord_conf
from dev.launcher.file_lock import try_lock
from dev.launcher.running_desk import HEALTH
from hems.errors import ConfigError, Unavailable

UNUSABLE = {"%", '"'}  # supervisord expands the one and quotes with the other
FULL = 64 * 1024  # bytes that are free at most
MAX_SOCKET_PATH = 107  # bytes, unix(7)
DEVICES = "d2l-devices"
LONGEST_SOCKET = "supervisor.sock.1234567"  # supervisord binds it with its pid behind


@contextlib.contextmanager
def claimed(path: Path) -> Iterator[Path]:
    """Make the folder, hold it for one desk, and yield its resolved path.

    Raises ConfigError for a place that does not suit, Unavailable while a desk runs there.
    """
    path = path.resolve()
    if strange := sorted(set(str(path)) & UNUSABLE):
        raise ConfigError(
            f"{path} has a {strange[0]} that supervisord.conf cannot hold: choose another --run-dir"
        )
    if len(os.fsencode(path / LONGEST_SOCKET)) > MAX_SOCKET_PATH:
        raise ConfigError(f"{path} is too long for a Unix socket in it: choose another --run-dir")
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise ConfigError(
                f"{path} is open to others (mode {mode:o}), expected mode 700: "
                f"run `chmod 700 {path}`, or choose another --run-dir"
            )
        lock = (path / "lock").open("a")
    except FileExistsError as error:
        raise ConfigError(
            f"{error.filename} is a file, not a folder; choose another --run-dir"
        ) from error
    except OSError as error:
        raise ConfigError(
            f"{error.filename}: {error.strerror}: choose another --run-dir"
        ) from error
    with lock:
        if not try_lock(lock):
            raise Unavailable(
                f"a desk runs in {path} already, see `python3 bin/status`; "
                "for a second one choose another --run-dir"
            )
        yield path


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what prevents writing into `path` (a full disk) into Unavailable."""
    try:
        yield
    except OSError as error:
        raise Unavailable(f"cannot write {error.filename or path}: {error.strerror}") from error


def is_deleted(path: Path) -> bool:
    """Return whether somebody has removed the folder of a running desk."""
    return not (path / "lock").exists()


def full_disk(path: Path) -> str:
    """Return a line that says that the disk of the folder is full, empty if it is not."""
    if path.exists() and shutil.disk_usage(path).free < FULL:
        return f"the disk is full: nothing more can be written into {path}"
    return ""


def read_devices(path: Path) -> str:
    """Return the simulated dongles of the desk in `path`, as D2L_DEVICES lists them."""
    try:
        return (path / DEVICES).read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        raise Unavailable(f"{path / DEVICES} cannot be read: {error}") from error


def fill(plan: Plan) -> Path:
    """Write all files of `plan`, remove the last run's logs and health; return supervisord.conf.

    Raises Unavailable when the disk is full, or the folder cannot be written.
    """
    with writing(plan.run_dir):
        plan.log_dir.mkdir(exist_ok=True)
        for log in plan.log_dir.iterdir():
            log.unlink()
        (plan.run_dir / HEALTH).unlink(missing_ok=True)  # the problems of other meters
        (plan.run_dir / "mqtt-password").write_text(plan.mqtt_password + "\n")
        (plan.run_dir / DEVICES).write_text(";".join(plan.devices) + "\n")
        (plan.run_dir / "supervisor-key").write_text(plan.supervisor_key + "\n")
        if plan.mosquitto:
            mosquitto_or_embedded_broker.write_configuration(
                plan.run_dir, plan.listen, (plan.mqtt_port, plan.device_port), plan.gateway_dir
            )
        if plan.home_assistant_command:
            service = plan.root / "services" / "homeassistant"
            desk_configuration.write(service, plan.home_assistant_port, plan.run_dir / DEFAULTS)
        conf = plan.run_dir / "supervisord.conf"
        gateway = (plan.root / "etc" / "supervisord.conf").read_text(encoding="utf-8")
        conf.write_text(supervisord_conf(plan, gateway), encoding="utf-8")
    return conf
