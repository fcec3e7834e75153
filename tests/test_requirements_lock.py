"""The images' locks hold what the project asks for."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
REQUIRED = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["gateway"]]


def pinned(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", lock.read_text(), re.MULTILINE))


@pytest.mark.parametrize("text", REQUIRED)
def test_every_dependency_is_pinned_to_a_release_that_will_do(text: str) -> None:
    required = Requirement(text)
    assert pinned(LOCK).get(required.name, "no release") in required.specifier


def test_every_release_has_a_hash() -> None:
    blocks = re.split(r"^(?=[a-z0-9-]+==)", LOCK.read_text(), flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in block for block in blocks)


@pytest.mark.parametrize("lock", [*ROOT.glob("services/*/requirements.lock")], ids=str)
def test_what_images_share_has_one_release(lock: Path) -> None:
    ours, theirs = pinned(LOCK), pinned(lock)
    shared = ours.keys() & theirs.keys()
    assert {name: theirs[name] for name in shared} == {name: ours[name] for name in shared}
