"""/data/homeassistant.json: the login, and what provision has set up in Home Assistant.

After you remove the file, provision tries the login again and makes again what a person had
removed; it takes existing dashboards for a person's.
"""

from __future__ import annotations

import msgspec

from hems.system.record_file import RecordFile


class HomeAssistantSetupRecord(msgspec.Struct, frozen=True):
    """`refused` is the digest of a login that Home Assistant refused.

    `broker_entry` is the id of the gateway's config entry for MQTT.

    `has_energy` and `has_dashboard` are true once a dashboard was made: provision makes none
    again that a person removed. `energy` and `dashboard` are the digests of the content before
    provision last saved one, and of what it saved: any other content is a person's.

    `defaults` has each property of the home that was wrong, and the default that Home Assistant
    got instead. `spoilt_energy` is the newest copy that Home Assistant has kept of a damaged
    energy dashboard, once provision has seen it.
    """

    refresh_token: str = ""
    refused: str = ""
    broker_entry: str = ""
    has_energy: bool = False
    has_dashboard: bool = False
    energy: tuple[str, ...] = ()
    dashboard: tuple[str, ...] = ()
    defaults: dict[str, str | float] = {}
    spoilt_energy: str = ""

    def __repr__(self) -> str:
        return "an empty record" if self == HomeAssistantSetupRecord() else "a record"


SetupRecordFile = RecordFile[HomeAssistantSetupRecord]
