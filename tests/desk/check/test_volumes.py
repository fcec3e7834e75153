import pytest

from hems.desk.check import volumes
from hems.desk.check.compose import FILE
from tests.fakes.tree import Tree


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("- system-manager:/data", "- /var/data:/data", "/var/data:/data: balena has no bind"),
        ("- system-manager:/data", "- ./data:/data", "./data:/data: balena has no bind mounts"),
        ("- mosquitto:/mosquitto/data", "- mosquito:/a", "mosquito:/a: not declared, expected"),
        ("- mosquitto:/mosquitto/data", "- mosquitto", "mosquitto: expected VOLUME:/PATH"),
        ("  mosquitto: {}\n", "  mosquitto: {}\n  spare: {}\n", "spare: no service mounts it"),
        ("  mosquitto: {}", "  mosquitto: {external: true}", "mosquitto: found external, balena"),
    ],
)
def test_a_mount_that_balena_does_not_make_is_found(
    tree: Tree, old: str, new: str, fault: str
) -> None:
    assert any(fault in line for line in tree.found(volumes.problems, FILE, old, new))
