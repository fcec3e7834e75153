"""Check that mosquitto starts with the configuration in its image.

Mosquitto 2.0 cannot only test a configuration. The check starts it for a moment in a temporary
folder, with a Unix socket in place of each listener. As on the first start of a gateway, the files
that hems adds on the device are missing.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from dev.check import read_source_files
from dev.check.mosquitto_conf import (
    CONFIG_IN_IMAGE,
    DATA_IN_IMAGE,
    FILE,
    FOLDER,
    GATEWAY_VOLUME,
)
from dev.launcher import mosquitto_or_embedded_broker
from hems.errors import ConfigError, Unavailable
from hems.system.subprocesses import ProgramSession, last_lines

TITLE = "mqtt: mosquitto accepts its configuration"
PROGRAMS = ("mosquitto",)
LISTENER = re.compile(r"^listener +.*$", re.MULTILINE)
START_S, STOP_S, POLL_S = 10.0, 5.0, 0.02


def problems(root: Path) -> Iterator[str]:
    """Yield mosquitto's output if it does not start. Raises Unavailable without mosquitto."""
    program = mosquitto_or_embedded_broker.executable()
    if program is None:
        raise Unavailable("mosquitto is not installed")
    with tempfile.TemporaryDirectory(prefix="hems-") as name:
        folder = Path(name)
        text, sockets = _adapted(root, folder)
        (folder / "mosquitto.conf").write_text(text, encoding="utf-8")
        argv = [program, "-c", str(folder / "mosquitto.conf")]
        session = ProgramSession(argv, dict(os.environ), folder / "log")
        try:
            is_listening = _wait_until_listening(session, sockets)
        finally:
            session.end(STOP_S)
        if not is_listening:
            output = last_lines((folder / "log").read_text(encoding="utf-8", errors="replace"))
            yield f"{FILE}: mosquitto does not start:\n" + output.replace(str(folder), FOLDER)


def _adapted(root: Path, folder: Path) -> tuple[str, list[Path]]:
    """Return the configuration with paths in `folder`, and the sockets on which it listens."""
    text = read_source_files.text(root, FILE)
    sockets = [folder / f"{number}.sock" for number, _ in enumerate(LISTENER.findall(text))]
    if not sockets:
        raise ConfigError(f"{FILE}: found no listener, expected at least the one for the watch")
    free = iter(sockets)
    text = LISTENER.sub(lambda _: f"listener 0 {next(free)}", text)
    (folder / "gateway").mkdir()
    text = text.replace(CONFIG_IN_IMAGE, f"{root / FOLDER}/").replace(DATA_IN_IMAGE, f"{folder}/")
    text = text.replace(f"include_dir {GATEWAY_VOLUME}", f"include_dir {folder / 'gateway'}")
    return f"{text}\nuser root\n", sockets  # mosquitto reads `user` only when root starts it


def _wait_until_listening(session: ProgramSession, sockets: list[Path]) -> bool:
    """Wait until mosquitto listens or ends; return whether it listens."""
    deadline = time.monotonic() + START_S
    while session.exit_code() is None and time.monotonic() < deadline:
        if all(socket.exists() for socket in sockets):
            return True
        time.sleep(POLL_S)
    return False
