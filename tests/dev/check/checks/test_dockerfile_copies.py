import pytest

from dev.check.checks import dockerfile_copies
from tests.fakes.tree import Tree

CONFIGURATOR = "services/hass-configurator/Dockerfile"


def test_a_file_that_does_not_exist_is_found(tree: Tree) -> None:
    [line] = tree.found(dockerfile_copies.problems, CONFIGURATOR, "*.py", "*.pi")
    assert line.startswith(
        f"{CONFIGURATOR}: COPY services/hass-configurator/*.pi: no such file below "
    )


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
def test_a_file_in_the_wrong_place_is_found(
    tree: Tree, file: str, old: str, new: str, fault: str
) -> None:
    [line] = tree.found(dockerfile_copies.problems, file, old, new)
    assert fault in line


def test_files_from_another_stage_are_ignored(tree: Tree) -> None:
    assert (
        tree.found(dockerfile_copies.problems, CONFIGURATOR, "/build/build/app.js", "/x/y.js") == []
    )


@pytest.mark.parametrize("name", ["dev", "dev/simulator", "tests", "bin/up", "."])
@pytest.mark.parametrize("file", ["Dockerfile", "services/wifi-connect/Dockerfile"])
def test_development_code_in_an_image_is_found(tree: Tree, file: str, name: str) -> None:
    lines = tree.found(
        dockerfile_copies.problems, file, "COPY hems ", f"COPY {name} /x\nCOPY hems "
    )
    assert f"{file}: COPY {name}: no image contains dev, tests, bin" in lines
