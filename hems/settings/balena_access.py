"""The access to balena's Supervisor, from the variables that balena sets for a service.

They are BALENA_SUPERVISOR_ADDRESS, BALENA_SUPERVISOR_API_KEY, BALENA_APP_ID and BALENA_APP_NAME,
for a service with the label io.balena.features.supervisor-api.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from hems.settings.address_validation import url_address
from hems.settings.validation_problems import SettingsProblem, shown, strange

BALENA = "BALENA"  # the part of mistakes in these variables
KEY = re.compile("[!-~]+")
APP_ID = re.compile("[0-9]{1,18}")


@dataclass(frozen=True)
class Balena:
    """The address and key of this device's balena Supervisor, and the application that it runs."""

    address: str
    api_key: str = field(repr=False)
    app_id: int
    app_name: str


def balena_access(environ: Mapping[str, str], problems: list[SettingsProblem]) -> Balena | None:
    """Return the access to the Supervisor, None when a part of it is not set or wrong.

    Append each mistake to `problems`.
    """
    names = ("SUPERVISOR_ADDRESS", "SUPERVISOR_API_KEY", "APP_ID", "APP_NAME")
    address, key, app_id, app_name = (environ.get(f"BALENA_{name}", "") for name in names)
    if not (address and key and app_id and app_name):
        return None
    mistakes = list(_mistakes(address, key, app_id, app_name))
    problems += [SettingsProblem(BALENA, mistake) for mistake in mistakes]
    return None if mistakes else Balena(address, key, int(app_id), app_name)


def _mistakes(address: str, key: str, app_id: str, app_name: str) -> Iterator[str]:
    if url_address(address, "http") is None:
        yield f"BALENA_SUPERVISOR_ADDRESS: found {shown(address)}, expected http://host:port"
    if kind := strange(key) or ("" if KEY.fullmatch(key) else "a space or a non-ASCII character"):
        yield f"BALENA_SUPERVISOR_API_KEY has {kind}, which no HTTP header may have"
    if not APP_ID.fullmatch(app_id):
        yield f"BALENA_APP_ID: found {shown(app_id)}, expected a number"
    if kind := strange(app_name):
        yield f"BALENA_APP_NAME: found {shown(app_name)}, expected text without {kind}"
