import pytest

from hems.desk.check import copies
from tests.fakes.tree import Tree

CONFIGURATOR = "services/hass-configurator/Dockerfile"


def test_a_file_that_is_not_there_is_found(tree: Tree) -> None:
    [line] = tree.found(copies.problems, CONFIGURATOR, " login.py", " logon.py")
    assert line.startswith(f"{CONFIGURATOR}: COPY logon.py: no such file below ")


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        ("Dockerfile", "/etc/hems/hems.toml", "/etc/hems.toml", "expected /etc/hems/hems.toml"),
        ("Dockerfile", "COPY etc/hems.toml /etc/hems/hems.toml", "", "found no COPY etc/hems.toml"),
        (
            "services/homeassistant/Dockerfile",
            "config /opt/gateway",
            "config /opt",
            "/opt/gateway/c",
        ),
        (
            "services/mqtt/Dockerfile",
            "/mosquitto/config/\n",
            "/mosquitto/\n",
            "expected /mosquitto/c",
        ),
        ("services/nginx-reverse-proxy/Dockerfile", "/etc/nginx/", "/etc/", "expected /etc/nginx/"),
    ],
)
def test_a_file_in_another_place_than_is_looked_at_is_found(
    tree: Tree, file: str, old: str, new: str, fault: str
) -> None:
    [line] = tree.found(copies.problems, file, old, new)
    assert fault in line


def test_what_stands_there_is_right(tree: Tree) -> None:
    assert list(copies.problems(tree.root)) == []


def test_what_comes_from_another_stage_is_not_looked_for(tree: Tree) -> None:
    assert tree.found(copies.problems, CONFIGURATOR, "/opt/page/ace", "/opt/page/a") == []
