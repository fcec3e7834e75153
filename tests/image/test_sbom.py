"""Every image lists what it contains, and what it lists is really there."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from dev.check import compose_file
from dev.documents import licences
from tests.image.engine import Podman
from tests.image.fleet import PROJECT, Fleet
from tests.integration.worker_process import ROOT

pytestmark = pytest.mark.image
SERVICES = list(compose_file.read(ROOT).services)
OUR_OWN = (
    "hass-configurator",
    "hems",
    "mqtt",
    "wifi-connect",
)  # the others start from images of others
OF_PYPI = ("hems", "wifi-connect")
LIST_PYTHON = (
    "import importlib.metadata as m, json;"
    "print(json.dumps({d.name.lower(): d.version for d in m.distributions()}))"
)


class Image:
    """The image of a service; each command has a container of its own."""

    def __init__(self, podman: Podman, service: str) -> None:
        self._podman = podman
        self._service = service

    def run(self, program: str, *arguments: str) -> str:
        own = ["--rm", "--network=none", f"--entrypoint={program}", f"{PROJECT}_{self._service}"]
        return self._podman.run("run", *own, *arguments)

    def sbom(self) -> Any:
        return json.loads(self.run("cat", f"/usr/share/sbom/{self._service}.cdx.json"))


@pytest.fixture
def image(built: Fleet, podman_outside: Podman, service: str) -> Image:
    return Image(podman_outside, service)


def versions(made: Any, kind: str) -> dict[str, str]:
    """Return the version of each package of a kind, such as `deb`."""
    packages = [one for one in made["components"] if one.get("purl", "").startswith(f"pkg:{kind}/")]
    return {one["name"]: one["version"] for one in packages}


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_lists_exactly_the_packages_that_it_has(image: Image) -> None:
    made = image.sbom()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(made)) is None
    query = ["dpkg-query", "--show", "--showformat=${Package} ${Version}\n"]
    lines = image.run(*query).splitlines()
    assert versions(made, "deb") == dict(line.split() for line in lines)
    licensed = [one for one in made["components"] if "licenses" in one]
    assert len(licensed) > 0.9 * len(made["components"])


@pytest.mark.parametrize("service", OF_PYPI)
def test_a_python_package_has_the_hash_of_what_was_installed(image: Image) -> None:
    made = image.sbom()
    installed = json.loads(image.run("python", "-c", LIST_PYTHON))
    listed = versions(made, "pypi")
    assert (
        listed.items() <= {name.replace("_", "-"): one for name, one in installed.items()}.items()
    )
    assert "msgspec" in listed
    lock = (ROOT / "requirements.lock").read_text() + (
        ROOT / "services/wifi-connect/requirements.lock"
    ).read_text()
    for one in made["components"]:
        if one["name"] in listed:
            [digest] = [part["content"] for part in one["hashes"] if part["alg"] == "SHA-256"]
            assert f"--hash=sha256:{digest}" in lock, one["name"]


@pytest.mark.parametrize("service", ["hass-configurator"])
def test_the_editors_page_is_listed_without_the_program_that_built_it(image: Image) -> None:
    listed = versions(image.sbom(), "npm")
    assert "@codemirror/view" in listed
    assert not [name for name in listed if "esbuild" in name]


def test_the_page_of_licences_has_every_package_of_our_own_images(
    built: Fleet, podman_outside: Podman
) -> None:
    sboms = [Image(podman_outside, service).sbom() for service in OUR_OWN]
    page = licences.DOCUMENT.read_text(encoding="utf-8")
    missing = [row for kind in licences.KINDS for row in licences.rows(sboms, kind)]
    missing = [row for row in missing if row not in page]
    assert missing == [], f"old; {licences.__doc__}"
