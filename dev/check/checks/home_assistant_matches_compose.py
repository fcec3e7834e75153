"""Check that Home Assistant's configuration.yaml trusts only nginx and writes to our InfluxDB."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from dev.check import compose_file, default_settings, nginx_files, source_tree
from hems.errors import ConfigError
from hems.settings.influxdb import BUCKET, ORGANISATION

TITLE = "homeassistant: it trusts only nginx and writes to our InfluxDB"
FILE = "services/homeassistant/config/configuration.yaml"


class Loader(yaml.SafeLoader):
    """Loads Home Assistant's own tags (!include, !env_var) as None."""


Loader.add_multi_constructor("!", lambda *_: None)


def problems(root: Path) -> Iterator[str]:
    """Yield each value that differs from docker-compose.yml or from the settings."""
    try:
        document = yaml.load(source_tree.text(root, FILE), Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise ConfigError(f"{FILE} is not YAML: {error}") from error
    proxy = compose_file.read(root).services.get(nginx_files.SERVICE)
    influxdb = default_settings.read(root).influxdb
    expected = {
        ("http", "use_x_forwarded_for"): True,
        ("http", "trusted_proxies"): proxy.addresses if proxy else [],
        ("influxdb", "host"): influxdb.host,
        ("influxdb", "port"): influxdb.port,
        ("influxdb", "organization"): ORGANISATION,
        ("influxdb", "bucket"): BUCKET,
    }
    for (section, key), value in expected.items():
        if (actual := _table(document, section).get(key)) != value:
            yield f"{FILE}: {section}: {key}: found {actual!r}, expected {value!r}"


def _table(document: object, section: str) -> dict[str, Any]:
    table = document.get(section) if isinstance(document, dict) else None
    return table if isinstance(table, dict) else {}
