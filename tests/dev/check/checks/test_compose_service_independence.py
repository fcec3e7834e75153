import pytest

from dev.check.checks import compose_service_independence
from dev.check.compose_file import FILE
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
        (SERVICE, f"{SERVICE}    depends_on: [mqtt]\n", "hems: depends_on: balena orders only"),
        (
            SERVICE,
            f'{SERVICE}    devices: ["/dev/a:/dev/a"]\n',
            "devices: if /dev/a:/dev/a were missing",
        ),
        ("build: .\n", "build: ./hems\n", "hems: build: found ./hems with Dockerfile, expected ."),
        ("services/mqtt/Dockerfile", "services/influxdb/Dockerfile", "expected ./services/mqtt"),
        (
            "services/wifi-connect/Dockerfile",
            "Dockerfile",
            "wifi-connect: build: found . with Dock",
        ),
    ],
)
def test_a_service_that_depends_on_others_is_found(
    tree: Tree, old: str, new: str, fault: str
) -> None:
    [line] = tree.found(compose_service_independence.problems, FILE, old, new)
    assert fault in line
