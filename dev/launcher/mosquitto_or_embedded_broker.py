"""Choose and configure the desk's MQTT broker: mosquitto, or an embedded one from PyPI.

Neither lets anybody in without a user and a password: mosquitto knows the users that provision
made, with their rights, the embedded one only the workers'.
Standard library only: bin/up calls `extras` before anything is installed.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

MOSQUITTO, EMBEDDED = "mosquitto", "embedded"
KINDS = (MOSQUITTO, EMBEDDED)
SYSTEM_PROGRAMS = "/usr/local/sbin:/usr/sbin"  # not in the PATH of a Debian user

CONFIGURATION = """\
per_listener_settings true
listener {port} {listen}
allow_anonymous false
password_file {made}/passwd
acl_file {made}/acl
listener {device_port} {listen}
allow_anonymous false
password_file {made}/device-passwd
acl_file {made}/device-acl
use_username_as_clientid true
max_packet_size 524288
persistence false
log_dest file {directory}/log/broker.log
log_type error
log_type warning
log_type notice
# This counts only if root starts mosquitto: another user could not read this directory.
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


def write_configuration(
    directory: Path, listen: str, ports: tuple[int, int], gateway: Path
) -> None:
    """Write mosquitto's configuration into the run folder; provision fills the folder `gateway`.

    `ports` are those of the workers and of devices.
    """
    text = CONFIGURATION.format(
        listen=listen,
        port=ports[0],
        device_port=ports[1],
        directory=directory,
        made=gateway / "mosquitto",
    )
    (directory / "mosquitto.conf").write_text(text)
