"""Lock everything that a version of Home Assistant imports with our configuration.

    python -m tests.e2e.home_assistant_lock

writes homeassistant.lock for the version in services/homeassistant/Dockerfile. The wheel itself
has the lists: its own requirements, the manifest of each integration, and the constraints under
which Home Assistant's makers test. The lock has what we import of the image, a small part of it.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from email.parser import HeaderParser
from pathlib import Path
from typing import Any, NamedTuple

from dev import home_assistant_release
from hems.errors import Unavailable
from hems.system import subprocesses

HERE = Path(__file__).parent
LOCK, SETTINGS = HERE / "homeassistant.lock", HERE / "uv.toml"
UV = (sys.executable, "-m", "uv", "pip")
# What configuration.yaml, onboarding and the tests use, and what those import without naming it:
# mqtt, usb and analytics import hassio, and cloud imports the voice and camera integrations.
INTEGRATIONS = (
    *("analytics", "backup", "energy", "frontend", "history", "influxdb", "mobile_app", "mqtt"),
    *("onboarding", "recorder", "usb", "zha"),
    *("google_translate", "isal", "met", "radio_browser"),  # which onboarding or a start adds
    *("hassio", "infrared", "radio_frequency"),
    *("assist_pipeline", "camera", "cloud", "conversation", "ffmpeg", "stream", "tts"),
)
# Without a wheel for these versions, and not pure Python: uv.toml takes later ones.
WITHOUT_WHEEL = {"ciso8601", "lru-dict", "pymicro-vad", "pyspeex-noise"}
SETTLED = timedelta(days=14)  # after a release: later versions of dependencies were not there
DOWNLOAD_S, COMPILE_S = 300, 600


class Python(NamedTuple):
    """A version of Python, and the Debian suite that has it."""

    version: str
    suite: str

    @property
    def program(self) -> str:
        return "python" + ".".join(self.version.split(".")[:2])


PYTHONS = (Python("3.13.0", "trixie"), Python("3.14.2", "forky"))


class Wheel(NamedTuple):
    """An unpacked wheel of Home Assistant."""

    directory: Path
    made: date

    @property
    def python(self) -> Python:
        """Return the oldest Python that we have and it takes. Raises Unavailable."""
        least = self._metadata("Requires-Python")[0].removeprefix(">=")
        for python in PYTHONS:
            if _numbers(python.version) >= _numbers(least):
                return python
        raise Unavailable(f"Home Assistant needs Python {least}, no suite of Debian here has it")

    def requirements(self) -> list[str]:
        """Return what it requires, by name: a version that was withdrawn is taken only so."""
        wanted = {*self._metadata("Requires-Dist")}
        for name in self._closure(INTEGRATIONS):
            wanted |= {*self._manifest(name).get("requirements", ())}
        return sorted(_name(one) if _name(one) in WITHOUT_WHEEL else one for one in wanted)

    def constraints(self) -> list[str]:
        """Return its makers' constraints."""
        text = Path(self.directory, "homeassistant/package_constraints.txt").read_text()
        return [line for line in text.splitlines() if _name(line) not in WITHOUT_WHEEL]

    def _closure(self, names: Iterable[str]) -> set[str]:
        todo, dependencies = {*names}, set[str]()
        while todo:
            name = todo.pop()
            dependencies.add(name)
            todo |= {*self._manifest(name).get("dependencies", ())} - dependencies
        return dependencies

    def _manifest(self, name: str) -> dict[str, Any]:
        """Return an integration's manifest, empty if this version has no such integration."""
        path = self.directory / "homeassistant/components" / name / "manifest.json"
        return dict(json.loads(path.read_bytes())) if path.exists() else {}

    def _metadata(self, name: str) -> list[str]:
        [path] = self.directory.glob("*.dist-info/METADATA")
        return HeaderParser().parsestr(path.read_text()).get_all(name, [])


def wheel(version: str, directory: Path) -> Wheel:
    """Download the wheel of `version` and unpack it into `directory`. Raises Unavailable."""
    # Any Python that the newest takes; without an index's page for older ones pip knows no wheel.
    where = ["--no-deps", "--python-version", PYTHONS[-1].version, "--only-binary", ":all:"]
    what = ["--quiet", "--dest", str(directory), f"homeassistant=={version}"]
    subprocesses.run([sys.executable, "-m", "pip", "download", *where, *what], DOWNLOAD_S)
    [path] = directory.glob("homeassistant-*.whl")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(directory)
        made = max(member.date_time for member in archive.infolist())
    path.unlink()
    return Wheel(directory, datetime(*made[:3]).date())  # noqa: DTZ001 - a day is exact enough


def write(version: str, lock: Path) -> Python:
    """Write `lock`, the lock of `version`; return the Python that it is for. Raises Unavailable."""
    with tempfile.TemporaryDirectory() as directory:
        release = wheel(version, Path(directory))
        python = release.python
        requirements, constraints = (Path(directory, name) for name in ("in", "constraints"))
        requirements.write_text("\n".join([f"homeassistant=={version}", *release.requirements()]))
        constraints.write_text("\n".join(release.constraints()))
        options = ["--config-file", str(SETTINGS), "--python-version", python.version]
        options += ["--exclude-newer", (release.made + SETTLED).isoformat(), "--constraints"]
        options += [str(constraints), "--no-header", "--no-annotate", "--quiet"]
        made = Path(directory, "lock")
        subprocesses.run([*UV, "compile", *options, str(requirements), "-o", str(made)], COMPILE_S)
        head = (
            f"# Made by `python -m tests.e2e.home_assistant_lock`, for Python {python.version}.\n"
        )
        lock.write_text(head + made.read_text())
    return python


def python_of(lock: Path) -> Python:
    """Return the Python that a lock is for."""
    first = lock.read_text().partition("\n")[0]
    return next(python for python in PYTHONS if first.endswith(f" {python.version}."))


def _name(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement.strip(), maxsplit=1)[0].lower()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))


if __name__ == "__main__":
    write(home_assistant_release.version(), LOCK)
