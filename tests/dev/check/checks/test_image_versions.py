import pytest

from dev.check.checks import image_versions
from dev.check.compose_file import FILE
from tests.fakes.tree import Tree

CONFIGURATOR = "services/hass-configurator/Dockerfile"


@pytest.mark.parametrize(
    "base", ["nginx", "nginx:latest", "nginx:stable", "nginx:1.28", "host:5000/nginx", "nginx:$TAG"]
)
def test_a_base_that_may_change_is_found(tree: Tree, base: str) -> None:
    [line] = tree.found(image_versions.problems, CONFIGURATOR, "EXPOSE", f"FROM {base}\nEXPOSE")
    assert line == f"{CONFIGURATOR}: found {base}, expected a version, e.g. nginx:1.28.0"


def test_two_tags_of_one_base_are_found(tree: Tree) -> None:
    [line] = tree.found(
        image_versions.problems, CONFIGURATOR, "EXPOSE", "FROM debian:12.1.0\nEXPOSE"
    )
    assert line.startswith("debian: found ")
    assert f"12.1.0 in {CONFIGURATOR}; expected one tag" in line


def test_a_missing_dockerfile_is_found(tree: Tree) -> None:
    [line] = tree.found(
        image_versions.problems, FILE, "services/mqtt/Dockerfile", "services/broker/Dockerfile"
    )
    assert line.startswith(
        "services/broker/Dockerfile: no such file, but docker-compose.yml builds it"
    )


def test_a_ready_made_image_is_pinned_too(tree: Tree) -> None:
    build = "build:\n      context: .\n      dockerfile: services/mqtt/Dockerfile"
    [line] = tree.found(image_versions.problems, FILE, build, "image: eclipse-mosquitto:2")
    assert line.startswith(f"{FILE}: mqtt: image: found eclipse-mosquitto:2, expected a version")
