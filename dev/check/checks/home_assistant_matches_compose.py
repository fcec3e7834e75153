"""Check that Home Assistant's default files trust only nginx and write to our InfluxDB."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from dev.check import compose_file, default_settings, nginx_files, read_source_files
from hems.errors import ConfigError
from hems.settings.influxdb import BUCKET, ORGANISATION

TITLE = "homeassistant: it trusts only nginx and writes to our InfluxDB"
FOLDER = "services/homeassistant"
FILE, HTTP = f"{FOLDER}/config/configuration.yaml", f"{FOLDER}/config/.storage/http"
ENTRY = f"{FOLDER}/influxdb_entry.py"
# Home Assistant keeps these in its stores, and complains of them in configuration.yaml.
CONNECTION = frozenset({"api_version", "host", "port", "token", "organization", "bucket"})


class Loader(yaml.SafeLoader):
    """Loads Home Assistant's own tags (!include, !env_var) as None."""


Loader.add_multi_constructor("!", lambda *_: None)


def problems(root: Path) -> Iterator[str]:
    """Yield each value that differs from docker-compose.yml or from the settings."""
    try:
        document = yaml.load(read_source_files.text(root, FILE), Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise ConfigError(f"{FILE} is not YAML: {error}") from error
    if isinstance(document, dict) and "http" in document:
        yield f"{FILE}: found http:, expected it in {HTTP} only"
    if settings := sorted(CONNECTION & _table(document, "influxdb").keys()):
        yield f"{FILE}: influxdb: found {', '.join(settings)}, expected them in {ENTRY} only"
    yield from _http_problems(root)
    influxdb, entry = default_settings.read(root).influxdb, read_source_files.text(root, ENTRY)
    for value in (influxdb.host, f":{influxdb.port}", ORGANISATION, BUCKET):
        if f'{value}"' not in entry:
            yield f"{ENTRY}: expected {value!r}"


def _http_problems(root: Path) -> Iterator[str]:
    try:
        data = json.loads(read_source_files.text(root, HTTP))["data"]
        stable, rest = data["stable"], {**data, "stable": None}
    except (ValueError, LookupError, TypeError) as error:
        raise ConfigError(f"{HTTP} is not a store of Home Assistant: {error!r}") from error
    proxy = compose_file.read(root).services.get(nginx_files.SERVICE)
    expected = {
        "use_x_forwarded_for": True,
        "trusted_proxies": [f"{address}/32" for address in proxy.addresses] if proxy else [],
        "server_port": 8123,
    }
    for key, value in expected.items():
        if (actual := stable.get(key)) != value:
            yield f"{HTTP}: {key}: found {actual!r}, expected {value!r}"
    if rest != {"stable": None, "pending": None, "yaml_migration_done": True}:
        yield f"{HTTP}: expected no pending trial, and yaml_migration_done: it would be reverted"


def _table(document: object, section: str) -> dict[str, Any]:
    table = document.get(section) if isinstance(document, dict) else None
    return table if isinstance(table, dict) else {}
