"""The default files of the service homeassistant, changed for a desk.

It listens on 127.0.0.1 only, at the desk's port, and behind no proxy; there is no InfluxDB.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from hems.errors import ConfigError

HTTP = ".storage/http"
PROXY = ("use_x_forwarded_for", "trusted_proxies")
INFLUXDB = re.compile(r"^influxdb:.*?(?=^\S)", re.MULTILINE | re.DOTALL)


def write(service: Path, port: int, directory: Path) -> None:
    """Write them into `directory`; `service` is the folder of the service in the checkout.

    Raises ConfigError if the service's own files are not as expected.
    """
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(service / "config", directory)
    configuration = directory / "configuration.yaml"
    configuration.write_text(without_influxdb(configuration.read_text(encoding="utf-8")))
    http = directory / HTTP
    http.write_text(on_loopback(http.read_text(encoding="utf-8"), port))


def without_influxdb(configuration: str) -> str:
    """Return configuration.yaml without its section influxdb. Raises ConfigError."""
    text, count = INFLUXDB.subn("", configuration)
    if count != 1:
        raise ConfigError(f"configuration.yaml: found {count} sections influxdb, expected one")
    return text


def on_loopback(store: str, port: int) -> str:
    """Return the store of Home Assistant's HTTP server for 127.0.0.1:`port`."""
    document = json.loads(store)
    stable = document["data"]["stable"]
    kept = {name: value for name, value in stable.items() if name not in PROXY}
    document["data"]["stable"] = kept | {"server_host": ["127.0.0.1"], "server_port": port}
    return json.dumps(document, indent=2)
