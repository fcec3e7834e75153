"""mosquitto starts with the configuration in its image.

Mosquitto 2.0 has no switch for that, so it is started for a moment: in a private folder, with a
Unix socket in place of each listener. What hems adds on the device is not there yet, as on a
gateway's first start.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from hems.desk import broker
from hems.desk.check import tree
from hems.errors import ConfigError, Unavailable
from hems.system.process import Session, last_lines

FOLDER = "services/mqtt"
FILE = f"{FOLDER}/mosquitto.conf"
IMAGE, DATA, GATEWAY = "/mosquitto/config/", "/mosquitto/data/", "/gateway"
LISTENER = re.compile(r"^listener +(\d+).*$", re.MULTILINE)
START_S, STOP_S, LOOK_S = 10.0, 5.0, 0.02


def problems(root: Path) -> Iterator[str]:
    """Yield what mosquitto says when it does not start. Raises Unavailable without mosquitto."""
    program = broker.executable()
    if program is None:
        raise Unavailable("mosquitto is not installed")
    with tempfile.TemporaryDirectory(prefix="hems-") as name:
        folder = Path(name)
        text, sockets = _private(root, folder)
        (folder / "mosquitto.conf").write_text(text, encoding="utf-8")
        argv = [program, "-c", str(folder / "mosquitto.conf")]
        session = Session(argv, dict(os.environ), folder / "log")
        try:
            is_up = _is_up(session, sockets)
        finally:
            session.end(STOP_S)
        if not is_up:
            said = last_lines((folder / "log").read_text(encoding="utf-8", errors="replace"))
            yield f"{FILE}: mosquitto does not start:\n" + said.replace(str(folder), FOLDER)


def _private(root: Path, folder: Path) -> tuple[str, list[Path]]:
    """Return the configuration with places of its own, and the sockets it then listens on."""
    text = tree.text(root, FILE)
    sockets = [folder / f"{found[1]}.sock" for found in LISTENER.finditer(text)]
    if not sockets:
        raise ConfigError(f"{FILE}: found no listener, expected the health check's at least")
    text = LISTENER.sub(lambda found: f"listener 0 {folder / found[1]}.sock", text)
    (folder / "gateway").mkdir()
    text = text.replace(IMAGE, f"{root / FOLDER}/").replace(DATA, f"{folder}/")
    text = text.replace(f"include_dir {GATEWAY}", f"include_dir {folder / 'gateway'}")
    return f"{text}\nuser root\n", sockets  # looked at only when root starts it


def _is_up(session: Session, sockets: list[Path]) -> bool:
    """Wait until it listens or has ended, and tell which."""
    deadline = time.monotonic() + START_S
    while session.exit_code() is None and time.monotonic() < deadline:
        if all(socket.exists() for socket in sockets):
            return True
        time.sleep(LOOK_S)
    return False
