"""A user's text survives every sequence of images, edits and power cuts."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from unittest.mock import patch

from default_files import NEEDED, install
from hypothesis import given
from hypothesis import strategies as st

NAMES = ("scripts.yaml", "packages/backup.yaml", "packages/energy.yaml")
IMAGES = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["v1", "v2", "v3"]))


class Model:
    """What the volume should hold: a user's text, None for what a user deleted, else defaults."""

    def __init__(self) -> None:
        self.users: dict[str, str | None] = {}
        self.installed: set[str] = set()

    def write(self, name: str, text: str) -> None:
        self.users[name] = text

    def delete(self, name: str) -> None:
        self.users.pop(name, None)
        if name in self.installed:  # else it was never there to be deleted
            self.users[name] = None

    def start(self, image: Mapping[str, str]) -> dict[str, str]:
        """Return the content after a start that came to its end."""
        forgotten = {
            name
            for name, text in self.users.items()
            if text is None and (name not in image or name in NEEDED)
        }
        self.users = {name: text for name, text in self.users.items() if name not in forgotten}
        self.installed = set(image)
        files = {**image, **self.users}
        return {name: text for name, text in files.items() if text is not None}


def content(volume: Path) -> dict[str, str]:
    files = {name: volume / name for name in NAMES}
    return {name: path.read_text() for name, path in files.items() if path.exists()}


def unpack(image: Mapping[str, str], directory: Path) -> Path:
    for name, text in image.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return directory


class Killed(BaseException):
    """Nobody catches it."""


def start(image: Mapping[str, str], volume: Path, syncs: int) -> None:
    """Start, cut short at the sync of that number if it comes so far, and start again."""
    with tempfile.TemporaryDirectory() as directory:
        unpacked = unpack(image, Path(directory))
        with suppress(Killed), patch("os.fsync", side_effect=[None] * syncs + [Killed]):
            list(install(unpacked, volume))
            return
        with patch("os.fsync"):
            list(install(unpacked, volume))


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("start"), IMAGES, st.integers(0, 12)),
        st.tuples(st.just("write"), st.sampled_from(NAMES), st.sampled_from(["mine", "ours"])),
        st.tuples(st.just("delete"), st.sampled_from(NAMES), st.none()),
    ),
    max_size=12,
)


@given(STEPS)
def test_a_volume_holds_what_users_wrote_and_else_the_images_files(
    steps: list[tuple[str, object, object]],
) -> None:
    model = Model()
    with tempfile.TemporaryDirectory() as directory:
        volume = Path(directory)
        for step in steps:
            match step:
                case ("start", dict(image), int(syncs)):
                    start(image, volume, syncs)
                    assert content(volume) == model.start(image)
                case ("write", str(name), str(text)):
                    unpack({name: text}, volume)
                    model.write(name, text)
                case ("delete", str(name), None):
                    Path(volume, name).unlink(missing_ok=True)
                    model.delete(name)
