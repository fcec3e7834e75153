import pytest

from dev import home_assistant_release
from dev.check.checks import home_assistant_version as check
from tests.fakes.tree import Tree

README = "services/homeassistant/README.md"
VERSION = home_assistant_release.version()


@pytest.mark.parametrize(
    ("name", "old", "new", "fault"),
    [
        (check.LOCK, f"homeassistant=={VERSION}", "homeassistant==2025.3.4", "found 2025.3.4"),
        (check.LOCK, f"homeassistant=={VERSION}", "home==1", "found no version"),
        (
            README,
            f"Home Assistant {VERSION}",
            "Home Assistant 2025.3.4",
            "found Home Assistant 2025",
        ),
        (README, f"Home Assistant {VERSION}", "Home Assistant 2025.3", "found Home Assistant 2025"),
    ],
)
def test_another_version_is_found(tree: Tree, name: str, old: str, new: str, fault: str) -> None:
    [line] = tree.found(check.problems, name, old, new)
    assert fault in line


def test_a_newer_image_is_found_everywhere(tree: Tree) -> None:
    path = tree.root / home_assistant_release.DOCKERFILE
    path.write_text(path.read_text().replace(f":{VERSION}", ":2099.1.0@sha256:00"))
    assert home_assistant_release.version(tree.root) == "2099.1.0"
    lines = "\n".join(check.problems(tree.root))
    assert check.LOCK in lines
    assert README in lines
