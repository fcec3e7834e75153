"""bin/pin against a real registry, with and without tokens."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.image_digests import reference, registry
from dev.launcher.commands import pin
from hems.errors import HemsError, ProtocolError, Unavailable
from tests.dev.image_digests import image_registry
from tests.dev.image_digests.image_registry import Registry, TokenServer
from tests.required import required

pytestmark = pytest.mark.integration
COMPOSE = """\
services:
  hems: {{build: .}}
  mqtt: {{build: ./mqtt}}
  tunnel: {{image: "{name}/team/tunnel:1.0.0"}}
networks: {{}}
"""
DOCKERFILE = """\
# {name}/debian:12.0.0 is in a comment and changes nothing
FROM {name}/debian:13.1.0 AS build
RUN true
FROM {name}/debian:13.1.0
COPY --from={name}/tools:2.0.0 /a /b
COPY --from=build /c /d
"""


@pytest.fixture(autouse=True)
def _installed() -> None:
    if not shutil.which("docker-registry"):
        required("docker-registry is not installed")


@pytest.fixture
def tokens(tmp_path: Path) -> Iterator[TokenServer]:
    server = TokenServer(tmp_path)
    yield server
    server.close()


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Registry]:
    with image_registry.serving(tmp_path) as served:
        yield served


@pytest.fixture
def tree(local: Registry, tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    (root / "mqtt").mkdir(parents=True)
    (root / "docker-compose.yml").write_text(COMPOSE.format(name=local.name))
    (root / "Dockerfile").write_text(DOCKERFILE.format(name=local.name))
    (root / "mqtt" / "Dockerfile").write_text(f"FROM {local.name}/mosquitto:2.0.22\n")
    return root


def push_all(local: Registry) -> dict[str, str]:
    names = {"debian": "13.1.0", "tools": "2.0.0", "mosquitto": "2.0.22", "team/tunnel": "1.0.0"}
    return {
        f"{local.name}/{name}:{tag}": local.push(name, tag, "amd64", "arm64")
        for name, tag in names.items()
    }


def test_digests_are_written_verified_and_a_tag_that_moves_is_found(
    local: Registry, tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    digests = push_all(local)
    assert pin.run(root=tree, is_write=False) == 1
    assert capsys.readouterr().out.count("found no digest") == 4
    assert pin.run(root=tree, is_write=True) == 0
    texts = [(tree / name).read_text() for name in ("Dockerfile", "mqtt/Dockerfile")]
    debian = f"{local.name}/debian:13.1.0@{digests[f'{local.name}/debian:13.1.0']}"
    assert texts[0].count(debian) == 2
    assert "debian:12.0.0 is in a comment" in texts[0]
    tunnel = f"{local.name}/team/tunnel:1.0.0"
    assert f'image: "{tunnel}@{digests[tunnel]}"' in (tree / "docker-compose.yml").read_text()
    assert capsys.readouterr().out.count(": written") == 3
    assert pin.run(root=tree, is_write=False) == 0
    assert "4 images are those that their tags name" in capsys.readouterr().out
    assert pin.run(root=tree, is_write=True) == 0
    assert [(tree / name).read_text() for name in ("Dockerfile", "mqtt/Dockerfile")] == texts
    moved = local.push("mosquitto", "2.0.22", "arm64")
    capsys.readouterr()
    assert pin.run(root=tree, is_write=False) == 1
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith(f"mqtt/Dockerfile: {local.name}/mosquitto:2.0.22: found sha256:")
    assert first.endswith(f"expected {moved}")
    assert "bin/pin --write" in last


def test_a_missing_tag_leaves_every_file_as_it_is(local: Registry, tree: Path) -> None:
    local.push("debian", "13.1.0", "arm64")
    before = (tree / "Dockerfile").read_text()
    with pytest.raises(Unavailable, match=r"mosquitto:2\.0\.22: the registry answered 404"):
        pin.run(root=tree, is_write=True)
    assert (tree / "Dockerfile").read_text() == before


@pytest.mark.parametrize(("architectures", "fault"), [(("amd64",), "no image for linux/arm64")])
def test_an_image_that_no_gateway_runs_is_refused(
    local: Registry, architectures: tuple[str, ...], fault: str
) -> None:
    local.push("debian", "13.1.0", *architectures)
    with pytest.raises(ProtocolError, match=fault):
        registry.digest(reference.parse(f"{local.name}/debian:13.1.0"))


def test_a_single_image_is_no_index(local: Registry) -> None:
    local.push("debian", "13.1.0")
    with pytest.raises(HemsError):
        registry.digest(reference.parse(f"{local.name}/debian:13.1.0"))


def test_a_registry_that_asks_for_a_token_gets_one(tokens: TokenServer, tmp_path: Path) -> None:
    with image_registry.serving(tmp_path, tokens) as guarded:
        expected = guarded.push("library/debian", "13.1.0", "arm64")
        image = reference.parse(f"{guarded.name}/library/debian:13.1.0")
        assert registry.digest(image) == expected
    scope = ["repository:library/debian:pull"]
    assert tokens.queries == [{"service": ["registry"], "scope": scope}]


def test_a_registry_that_is_not_there_is_told(local: Registry) -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        registry.digest(reference.parse("127.0.0.1:1/debian:13.1.0"))
