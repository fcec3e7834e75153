"""Prepare a desk's Home Assistant as services/homeassistant/start.py does, and run it.

    PYTHON start_on_desk.py SERVICE DEFAULTS CONFIG SECRETS ENVIRONMENT

PYTHON is Home Assistant's. The folders: the service in the checkout, its default files as the desk
has them, Home Assistant's own, provision's secrets, and one for variables. A desk has no InfluxDB,
and its devices are this machine's: the steps for them are left out.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

KEPT = ("PATH", "HOME", "LANG")  # the workers' secrets are not Home Assistant's business
LEFT_OUT = ("set_token", "connect_influxdb", "show_devices", "link_coordinators")


def main() -> None:
    """Become Home Assistant."""
    service, defaults, config, secrets, environment = map(Path, sys.argv[1:])
    sys.path.insert(0, str(service))
    import start  # noqa: PLC0415 - the service's, whose folder is known now
    from homeassistant.const import __version__  # noqa: PLC0415

    environment.mkdir(parents=True, exist_ok=True)
    config.mkdir(exist_ok=True)
    paths = start.Paths(
        image=defaults,
        python=service / "python",
        volume=config,
        secrets=secrets,
        environment=environment,
    )
    for step in start.STEPS:
        if step.__name__ not in LEFT_OUT:
            step(paths, __version__)
    variables = {one.name: one.read_text(encoding="utf-8") for one in environment.iterdir()}
    argv = [sys.executable, "-m", "homeassistant", "--config", str(config), "--skip-pip"]
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    os.execve(argv[0], argv, {**kept, **variables})  # noqa: S606 - there is no shell


if __name__ == "__main__":
    main()
