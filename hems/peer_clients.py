"""Build the clients of the gateway's peers (balena, InfluxDB, Home Assistant) from the settings.

Each client is imported only by the process that uses it: an import costs memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hems.settings import Settings
from hems.settings.address_validation import url_address

if TYPE_CHECKING:
    from hems.clients.balena.supervisor_api import BalenaSupervisor
    from hems.clients.home_assistant.auth_api import HomeAssistant
    from hems.clients.http import HttpClient
    from hems.clients.influxdb.api import Influxdb

NGINX = "nginx-reverse-proxy"


def balena_supervisor(settings: Settings) -> BalenaSupervisor | None:
    """Return the client of this device's Supervisor, None without balena."""
    from hems.clients.balena.supervisor_api import BalenaSupervisor, SupervisorAccess  # noqa: PLC0415

    balena, timeouts = settings.secrets.balena, settings.watchdog
    if balena is None:
        return None
    return BalenaSupervisor(
        SupervisorAccess(
            balena.address,
            balena.api_key,
            balena.app_id,
            balena.app_name,
            timeouts.supervisor_timeout_s,
            timeouts.action_timeout_s,
        )
    )


def influxdb(settings: Settings) -> Callable[[str], Influxdb] | None:
    """Return a function from a token to a client, None when no InfluxDB is set."""
    from hems.clients.influxdb.api import Influxdb  # noqa: PLC0415

    section = settings.influxdb
    if not section.host:
        return None
    return lambda token: Influxdb((section.host, section.port), token, section.timeout_s)


def nginx(settings: Settings) -> HttpClient | None:
    """Return the client of nginx, None without one; the watchdog's probe has its address."""
    from hems.clients.http import HttpClient  # noqa: PLC0415

    address = _nginx_address(settings)
    return None if address is None else HttpClient("nginx", address)


def nginx_host(settings: Settings) -> str:
    """Return the address of nginx on the bridge, empty without nginx."""
    address = _nginx_address(settings)
    return "" if address is None else address[0]


def _nginx_address(settings: Settings) -> tuple[str, int] | None:
    service = settings.services.get(NGINX)
    return url_address(service.probe, "http") if service else None


def home_assistant(settings: Settings) -> HomeAssistant | None:
    """Return the client of Home Assistant, None when the gateway does not set it up."""
    from hems.clients.home_assistant.auth_api import HomeAssistant  # noqa: PLC0415

    section = settings.home_assistant
    if not section.host:
        return None
    return HomeAssistant((section.host, section.port), section.timeout_s)
