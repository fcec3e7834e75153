import pytest

from hems.desk.check import dockerfile, images
from hems.desk.check.compose import FILE
from tests.fakes.tree import Tree

CONFIGURATOR = "services/hass-configurator/Dockerfile"


@pytest.mark.parametrize(
    "base", ["nginx", "nginx:latest", "nginx:stable", "nginx:1.28", "host:5000/nginx", "nginx:$TAG"]
)
def test_a_base_that_may_change_is_found(tree: Tree, base: str) -> None:
    [line] = tree.found(images.problems, CONFIGURATOR, "EXPOSE", f"FROM {base}\nEXPOSE")
    assert line == f"{CONFIGURATOR}: found {base}, expected a version, such as nginx:1.28.0"


def test_two_tags_of_one_base_are_found(tree: Tree) -> None:
    [line] = tree.found(images.problems, CONFIGURATOR, "EXPOSE", "FROM debian:12.1.0\nEXPOSE")
    assert line.startswith("debian: found ")
    assert f"12.1.0 in {CONFIGURATOR}; expected one tag" in line


def test_a_missing_dockerfile_is_found(tree: Tree) -> None:
    [line] = tree.found(images.problems, FILE, "./services/mqtt", "./services/broker")
    assert line.startswith("services/broker/Dockerfile: there is no such file, expected the one")


def test_a_ready_made_image_is_pinned_too(tree: Tree) -> None:
    [line] = tree.found(
        images.problems, FILE, "build: ./services/mqtt", "image: eclipse-mosquitto:2"
    )
    assert line.startswith(f"{FILE}: mqtt: image: found eclipse-mosquitto:2, expected a version")


def test_stages_and_digests_are_no_bases_of_their_own() -> None:
    text = (
        "FROM a:1@sha256:ab AS one\nFROM one\nCOPY --from=one x y\nCOPY --from=0 x y\n"
        "COPY --from=b:2 x y\nFROM scratch\n"
    )
    assert images.bases(dockerfile.parse(text)) == ["a:1@sha256:ab", "b:2"]
