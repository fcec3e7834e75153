import pytest

from dev.check.checks import balena_yml_and_version
from tests.fakes.tree import Tree

FILE = balena_yml_and_version.FILE


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        (FILE, "type: sw.application", "type: sw.app", "type: found 'sw.app', expected"),
        (FILE, "name: ", "title: ", "name: found None, expected a text"),
        (FILE, "defaultDeviceType: ", "defaultDeviceType: x", "is not among supportedDeviceTypes"),
        (FILE, "- raspberrypi4-64", "- raspberrypi4", "found 'raspberrypi4', expected one of"),
        ("CHANGELOG.md", "## 0", "## 99.0", "CHANGELOG.md: found 99.0"),
        ("hems/__init__.py", '__version__ = "', '__version__ = "9', "hems/__init__.py: found 9"),
    ],
)
def test_a_mistake_in_balena_yml_or_a_version_is_found(
    tree: Tree, file: str, old: str, new: str, fault: str
) -> None:
    [line] = tree.found(balena_yml_and_version.problems, file, old, new)
    assert fault in line


def test_another_version_than_everywhere_else_is_found(tree: Tree) -> None:
    lines = tree.found(balena_yml_and_version.problems, FILE, "version: ", "version: v")
    assert lines[0].startswith(f"{FILE}: version: found 'v")
    assert len(lines) == 3
