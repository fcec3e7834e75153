"""Secrets, given or made, are where they belong and nowhere else."""

from __future__ import annotations

import pytest

from tests.image.conftest import FLEET
from tests.image.fleet import Fleet
from tests.integration.d2l import IV, KEY

pytestmark = pytest.mark.image
NAMES = {"D2L_DEVICES", "CONFIG_PASSWORD", "INFLUX_TOKEN", "MQTT_PASSWORD"}
PLACE = "/gateway/secrets"


@pytest.fixture(scope="module")
def secrets(fleet: Fleet) -> set[str]:
    """Return every secret's value, as text that would be found."""
    names = fleet.hems.exec("ls", PLACE).split()
    made = {name: fleet.hems.exec("cat", f"{PLACE}/{name}").strip() for name in names}
    assert made["CONFIG_PASSWORD"] == FLEET["CONFIG_PASSWORD"]
    values = {value for name, value in made.items() if not name.endswith("_USER")}
    assert all(len(value) >= 16 for value in values)
    return {*values, KEY.hex(), IV.hex()}


def test_no_log_has_a_secret(fleet: Fleet, secrets: set[str]) -> None:
    files = fleet.hems.exec("ls", "/var/log/hems").split()
    texts = {name: fleet.hems.exec("cat", f"/var/log/hems/{name}") for name in files}
    texts |= {service: one.logs() for service, one in fleet.containers.items()}
    assert texts["hems"]
    assert not [name for name, text in texts.items() if any(one in text for one in secrets)]


def test_no_command_line_has_a_secret(fleet: Fleet, secrets: set[str]) -> None:
    lines = [line for one in fleet.containers.values() for line in one.command_lines()]
    assert len(lines) > len(fleet.containers)
    assert not [line for line in lines if any(one in line for one in secrets)]


def test_no_image_sets_a_secret(built: Fleet) -> None:
    for service in built.containers:
        image = built.image(service)
        made_by = [step.get("created_by", "") for step in image["History"]]
        text = "\n".join([*(image["Config"]["Env"] or ()), *made_by])
        assert not [name for name in NAMES if f"{name}=" in text], service


def test_no_file_of_an_image_has_a_secret(built: Fleet) -> None:
    """These tests plant values in their own files: none of these may be in an image."""
    secrets = [FLEET[name].encode() for name in ("CONFIG_PASSWORD", "D2L_DEVICES")]
    layers = set().union(*(built.layers(service) for service in built.containers))
    paths = (path for layer in layers for path in layer.rglob("*"))
    files = [path for path in paths if path.is_file() and not path.is_symlink()]
    assert len(files) > 1000
    assert not [path for path in files if path.name == ".env"]
    assert not [path for path in files if any(one in path.read_bytes() for one in secrets)]


@pytest.mark.parametrize("name", ["CONFIG_PASSWORD", "INFLUX_TOKEN"])
def test_only_root_reads_what_the_unprivileged_worker_does_not_need(
    fleet: Fleet, name: str
) -> None:
    mode_and_owner = fleet.hems.exec("stat", "--format=%a %U", f"{PLACE}/{name}")
    assert mode_and_owner.split() == ["600", "root"]
