"""The real mosquitto with the files of services/mqtt, unchanged, and those of provision."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from hems.protocols.mosquitto import Grant, Right, access_list, password_line
from tests.deploy.authority import replace
from tests.deploy.container import Container
from tests.integration.d2l import ROOT, eventually
from tests.integration.mosquitto import PASSWORD, USER
from tests.integration.namespaces import Namespace

FILES = ROOT / "services" / "mqtt"
MOSQUITTO = 1883  # its user and group in the image
HOME_ASSISTANT = "homeassistant"
GRANTS = (
    Grant(HOME_ASSISTANT, ((Right.READWRITE, "#"),)),
    Grant(
        USER,
        (
            (Right.READWRITE, "hems/#"),
            (Right.WRITE, "homeassistant/#"),
            (Right.READ, "homeassistant/status"),
        ),
    ),
)
LISTENER = """\
listener 1883
allow_anonymous false
password_file /gateway/mosquitto/passwd
acl_file /gateway/mosquitto/acl
"""


def provision(gateway: Path) -> None:
    """Make the files on the volume that mosquitto needs; everybody's password is PASSWORD."""
    own = {"user": MOSQUITTO, "group": MOSQUITTO}
    lines = [password_line(name, PASSWORD, os.urandom(12)) for name in (HOME_ASSISTANT, USER)]
    replace(gateway / "mosquitto" / "passwd", ("\n".join(lines) + "\n").encode(), 0o600, **own)
    replace(gateway / "mosquitto" / "acl", access_list(GRANTS).encode(), 0o600, **own)
    replace(gateway / "mosquitto.conf", LISTENER.encode(), 0o644)


def start(space: Namespace, gateway: Path, directory: Path) -> None:
    """Start it in a namespace, with the user that the image has; it ends with that."""
    data, config = directory / "mosquitto-data", directory / "mosquitto"
    data.mkdir()
    os.chown(data, MOSQUITTO, MOSQUITTO)
    shutil.copytree(FILES, config)
    passwd = directory / "mosquitto-passwd"
    passwd.write_text(f"root:x:0:0::/:\nmosquitto:x:{MOSQUITTO}:{MOSQUITTO}::/:\n")
    mounts = {
        "/gateway": gateway,
        "/mosquitto/config": config,
        "/mosquitto/data": data,
        "/etc/passwd": passwd,
    }
    container = Container(space, mounts)
    log = directory / "mosquitto.log"
    process = container.start(["mosquitto", "-c", "/mosquitto/config/mosquitto.conf"], log)

    def is_listening() -> bool:
        assert process.poll() is None, log.read_text()
        return space.reaches("127.0.0.1", 1883, 1)

    eventually(is_listening, 10, "mosquitto listens")
