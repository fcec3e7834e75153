import pytest

from hems.desk.check import starting
from hems.desk.check.compose import FILE
from tests.fakes.tree import Tree

SERVICE = "    restart: always\n"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            SERVICE,
            "    restart: on-failure\n",
            "hems: restart: found 'on-failure', expected always",
        ),
        (SERVICE, f"{SERVICE}    depends_on: [mqtt]\n", "hems: depends_on: balena only orders"),
        (SERVICE, f'{SERVICE}    devices: ["/dev/a:/dev/a"]\n', "devices: without /dev/a:/dev/a"),
        ("- /run/hems\n", "- /run/hems:mode=755\n", "tmpfs: found /run/hems:mode=755, expected"),
        ("build: .\n", "build: ./hems\n", "hems: build: found ./hems with Dockerfile, expected ."),
        ("build: ./services/mqtt", "build: ./services/influxdb", "expected ./services/mqtt"),
        (
            "services/wifi-connect/Dockerfile",
            "Dockerfile",
            "wifi-connect: build: found . with Dock",
        ),
    ],
)
def test_what_would_not_start_as_expected_is_found(
    tree: Tree, old: str, new: str, fault: str
) -> None:
    [line] = tree.found(starting.problems, FILE, old, new)
    assert fault in line


def test_what_stands_there_is_right(tree: Tree) -> None:
    assert list(starting.problems(tree.root)) == []
