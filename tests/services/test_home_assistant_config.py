"""Home Assistant's defaults load, and agree with the compose project and with the meters."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import influxdb_entry
import pytest
import yaml
from default_files import NEEDED
from yaml_connections import commented

from hems.protocols.linky.entity_catalogue import NAMES
from hems.protocols.linky.label_names import TEXTS

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "services/homeassistant/config"
FILES = sorted(CONFIG.rglob("*.yaml"))


class Loader(yaml.SafeLoader):
    """Loads what Home Assistant's own tags stand for as a (tag, argument) pair."""


Loader.add_multi_constructor("!", lambda _loader, tag, node: (tag, node.value))


def load(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader)


@pytest.fixture
def configuration() -> Mapping[str, Any]:
    content: Mapping[str, Any] = load(CONFIG / "configuration.yaml")
    return content


@pytest.fixture
def addresses() -> Mapping[str, str]:
    """The address of each service on the bridge network."""
    services = load(ROOT / "docker-compose.yml")["services"]
    return {
        name: service["networks"]["hems"]["ipv4_address"]
        for name, service in services.items()
        if "networks" in service
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_is_yaml_that_says_something(path: Path) -> None:
    assert load(path) is not None


def test_what_is_included_is_there(configuration: Mapping[str, Any]) -> None:
    top = [value for value in configuration.values() if isinstance(value, tuple)]
    included = {name: tag for tag, name in (*top, configuration["homeassistant"]["packages"])}
    assert all(Path(CONFIG, name).exists() for name in included)
    assert {name for name, tag in included.items() if tag == "include"} < NEEDED


def test_what_is_needed_comes_with_the_image() -> None:
    assert all(Path(CONFIG, name).is_file() for name in NEEDED)


def test_only_nginx_is_trusted(
    configuration: Mapping[str, Any], addresses: Mapping[str, str]
) -> None:
    http = json.loads(Path(CONFIG, ".storage/http").read_bytes())["data"]
    assert http["stable"]["trusted_proxies"] == [f"{addresses['nginx-reverse-proxy']}/32"]
    assert http["pending"] is None  # else it is a trial of five minutes
    assert http["yaml_migration_done"] is True
    assert "http" not in configuration


def test_influxdb_is_where_compose_puts_it(
    configuration: Mapping[str, Any], addresses: Mapping[str, str]
) -> None:
    assert addresses["influxdb"] == influxdb_entry.HOST
    assert (influxdb_entry.ORGANISATION, influxdb_entry.BUCKET) == ("hems", "home_assistant")
    text = Path(CONFIG, "configuration.yaml").read_text(encoding="utf-8")
    assert commented(text) == text


def test_templates_read_entities_that_a_meter_has() -> None:
    text = Path(CONFIG, "template_sensors/electricity.yaml").read_text(encoding="utf-8")
    suffixes = set(re.findall(r"'_(\w+)'", text))
    assert "sinsts" in suffixes
    assert suffixes <= {label.lower() for label in (*NAMES, *TEXTS)}
