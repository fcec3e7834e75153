"""Home Assistant's configuration.yaml trusts nginx only, and writes to our InfluxDB."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from hems.desk.check import compose, nginx, settings, tree
from hems.errors import ConfigError
from hems.settings.influxdb import BUCKET, ORGANISATION

FILE = "services/homeassistant/config/configuration.yaml"


class Loader(yaml.SafeLoader):
    """Takes Home Assistant's own tags (!include, !env_var) for nothing."""


Loader.add_multi_constructor("!", lambda *_: None)


def problems(root: Path) -> Iterator[str]:
    """Yield each value that docker-compose.yml or the settings have otherwise."""
    try:
        document = yaml.load(tree.text(root, FILE), Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise ConfigError(f"{FILE} is not YAML: {error}") from error
    proxy = compose.read(root).services.get(nginx.SERVICE)
    influxdb = settings.read(root).influxdb
    expected = {
        ("http", "use_x_forwarded_for"): True,
        ("http", "trusted_proxies"): proxy.addresses if proxy else [],
        ("influxdb", "host"): influxdb.host,
        ("influxdb", "port"): influxdb.port,
        ("influxdb", "organization"): ORGANISATION,
        ("influxdb", "bucket"): BUCKET,
    }
    for (section, key), value in expected.items():
        if (found := _table(document, section).get(key)) != value:
            yield f"{FILE}: {section}: {key}: found {found!r}, expected {value!r}"


def _table(document: object, section: str) -> dict[str, Any]:
    table = document.get(section) if isinstance(document, dict) else None
    return table if isinstance(table, dict) else {}
