"""The directory a desk runs in: sockets, logs, the broker's files. Private, one desk each.

lock               held while a desk runs here
supervisord.conf   etc/supervisord.conf and the desk's own programs
supervisor.sock    what bin/status and supervisorctl talk to
mqtt-password      for people who want to look into the broker
d2l-devices        the simulated dongles, id:key:iv;..., for bin/meter
gateway/           what provision makes: the volume `gateway` of a real one
supervisor-key     for people who want to order a fault (hems/desk/balena.py)
environment.json   the variables of its workers, for bin/doctor
log/desk.log       what the container's log would be; log/UNIT.log by unit
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from hems.desk import broker
from hems.desk.plan import Plan, supervisord_conf
from hems.errors import ConfigError, Unavailable

MAX_SOCKET_PATH = 107  # bytes, unix(7)
ENVIRONMENT = "environment.json"
OURS = ("HEMS_", "BALENA_", "MQTT_", "D2L_")
LONGEST_SOCKET = "supervisor.sock.1234567"  # supervisord binds it with its pid behind


@contextlib.contextmanager
def claimed(path: Path) -> Iterator[Path]:
    """Make the directory, hold it for one desk, and yield it resolved.

    Raises ConfigError for a place that does not suit, Unavailable while a desk runs there.
    """
    path = path.resolve()
    if len(os.fsencode(path / LONGEST_SOCKET)) > MAX_SOCKET_PATH:
        raise ConfigError(f"{path} is too long for a Unix socket in it: choose another --run-dir")
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise ConfigError(f"{path} is open to others (mode {mode:o}), expected mode 700")
        lock = (path / "lock").open("a")
    except OSError as error:
        raise ConfigError(
            f"{error.filename}: {error.strerror}: choose another --run-dir"
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Unavailable(
                f"a desk runs in {path} already, see `python3 bin/status`; "
                "for a second one choose another --run-dir"
            ) from error
        yield path


def keep_environment(path: Path, environ: Mapping[str, str]) -> None:
    """Write down the workers' own variables, and what supervisord adds to them."""
    kept = {name: value for name, value in environ.items() if name.startswith(OURS)}
    kept["HEMS_TELEMETRY_HEALTH_FILE"] = str(path / "health.json")
    (path / ENVIRONMENT).write_text(json.dumps(kept) + "\n")


def fill(plan: Plan) -> Path:
    """Write all files of `plan`, remove the last run's logs; return supervisord.conf's path."""
    plan.log_dir.mkdir(exist_ok=True)
    for log in plan.log_dir.iterdir():
        log.unlink()
    password = plan.run_dir / "mqtt-password"
    password.write_text(plan.mqtt_password + "\n")
    (plan.run_dir / "d2l-devices").write_text(";".join(plan.devices) + "\n")
    key = plan.run_dir / "supervisor-key"
    key.write_text(plan.supervisor_key + "\n")
    if plan.mosquitto:
        broker.write_configuration(plan.run_dir, plan.mqtt_port, plan.gateway_dir)
    conf = plan.run_dir / "supervisord.conf"
    gateway = (plan.root / "etc" / "supervisord.conf").read_text(encoding="utf-8")
    conf.write_text(supervisord_conf(plan, gateway), encoding="utf-8")
    return conf
