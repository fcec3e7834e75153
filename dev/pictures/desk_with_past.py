"""Run a desk with the real Home Assistant and a home that is a month old, for as long as needed."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from dev import ROOT
from dev.launcher.supervisord_client import SupervisordClient
from dev.pictures.photographer import PicturedDesk
from hems.errors import Unavailable
from hems.system import subprocesses
from hems.system.subprocesses import ProgramSession, last_lines

DAYS = 30
OPTIONS = ("--home-assistant", "--days", str(DAYS), "--contract", "off-peak")
START_S, LOOK_S, STOP_S = 600.0, 2.0, 60.0
SETTLED_S = 75.0  # for the pages to follow the meters, and for the numbers of the home
URL = r"^{} .*?(http://127\.0\.0\.1:\d+/)"


@contextlib.contextmanager
def running(language: str) -> Iterator[PicturedDesk]:
    """Yield the desk of a family with this language, once its home is set up and has its past.

    Raises Unavailable.
    """
    with tempfile.TemporaryDirectory(prefix="hems-") as folder:
        run_dir, output = Path(folder, "desk"), Path(folder, "output")
        argv = [sys.executable, str(ROOT / "bin" / "up"), *OPTIONS, "--run-dir", str(run_dir)]
        environ = {**os.environ, "HEMS_HOME_ASSISTANT_LANGUAGE": language}
        session = ProgramSession(argv, environ, output)
        try:
            _wait(session, run_dir, output)
            text = output.read_text(encoding="utf-8")
            yield PicturedDesk(
                address("home", text),
                address("page", text),
                _secret(run_dir, "CONFIG_USER"),
                _secret(run_dir, "CONFIG_PASSWORD"),
            )
        finally:
            session.end(STOP_S)


def _wait(session: ProgramSession, run_dir: Path, output: Path) -> None:
    """Return once everything works. Raises Unavailable."""
    deadline = time.monotonic() + START_S
    while not _is_ready(run_dir):
        is_over = session.exit_code() is not None or time.monotonic() > deadline
        if is_over:
            text = output.read_text(encoding="utf-8", errors="replace")
            raise Unavailable(f"the desk has not become ready:\n{last_lines(text)}")
        time.sleep(LOOK_S)
    # It reads the hours of the past once an hour, and has read them before the resident gave them.
    control = [sys.executable, "-m", "supervisor.supervisorctl"]
    conf = str(run_dir / "supervisord.conf")
    subprocesses.run([*control, "-c", conf, "restart", "telemetry"], STOP_S, folder=ROOT)
    time.sleep(SETTLED_S)


def _is_ready(run_dir: Path) -> bool:
    with contextlib.suppress(Unavailable):
        rows = SupervisordClient(run_dir).health()
        return bool(rows) and all(row.is_ready for row in rows)
    return False


def address(name: str, text: str) -> str:
    """Return the URL in the line `name` of what bin/up prints. Raises Unavailable."""
    match = re.search(URL.format(name), text, re.MULTILINE)
    if match is None:
        raise Unavailable(f"bin/up has printed no address of the {name}")
    return match[1]


def _secret(run_dir: Path, name: str) -> str:
    return (run_dir / "gateway" / "secrets" / name).read_text(encoding="utf-8")
