"""The desk's MQTT broker: mosquitto if it is installed, else an embedded one from PyPI.

Either listens on 127.0.0.1 only and lets nobody in without a user and a password: mosquitto those
that provision made, with their rights, the embedded one the workers'.
Standard library only: bin/up asks `extras` before anything is installed.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

MOSQUITTO, EMBEDDED = "mosquitto", "embedded"
KINDS = (MOSQUITTO, EMBEDDED)
SYSTEM_PROGRAMS = "/usr/local/sbin:/usr/sbin"  # not in the PATH of a Debian user

CONFIGURATION = """\
listener {port} 127.0.0.1
allow_anonymous false
password_file {made}/passwd
acl_file {made}/acl
persistence false
log_dest file {directory}/log/broker.log
log_type error
log_type warning
log_type notice
# Only looked at when root starts it: another user could not read this directory.
user root
"""


def executable() -> str | None:
    """Return mosquitto's path, None when it is not installed."""
    return shutil.which(MOSQUITTO, path=f"{os.environ.get('PATH', '')}:{SYSTEM_PROGRAMS}")


def default() -> str:
    """Return the kind of broker this machine can run without installing one."""
    return MOSQUITTO if executable() else EMBEDDED


def extras(kind: str) -> list[str]:
    """Return the extras of hems that a broker of this kind needs."""
    return ["embedded-broker"] if kind == EMBEDDED else []


def write_configuration(directory: Path, port: int, gateway: Path) -> None:
    """Write mosquitto's configuration into the run directory; `gateway` is what provision fills."""
    text = CONFIGURATION.format(port=port, directory=directory, made=gateway / "mosquitto")
    (directory / "mosquitto.conf").write_text(text)
