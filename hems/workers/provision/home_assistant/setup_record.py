"""/data/homeassistant.json: the login, and what provision has set up in Home Assistant.

After you remove the file, provision tries the login again and makes again what a person had
removed; it takes existing dashboards for a person's.
"""

from __future__ import annotations

import msgspec

from hems.system.record_file import RecordFile


class HomeAssistantSetupRecord(msgspec.Struct, frozen=True):
    """`refused` is the digest of a login that Home Assistant refused.

    `is_onboarded` is true once its onboarding was finished: one that asks for it is another one.

    `broker_entry` is the id of the gateway's config entry for MQTT.

    `has_energy` and `has_dashboard` are true once a dashboard was made: provision makes none
    again that a person removed. `energy` and `dashboard` are the digests of the content before
    provision last saved one, and of what it saved: any other content is a person's.

    `has_gateway_page` and `gateway_page` are the same for the page Gateway. `has_default_page` is
    true once Home was made everybody's first page.

    `has_zigbee` is true once there was an entry for Zigbee: provision makes no other one.
    `has_zigbee_limit` is true once provision has seen for how long a Zigbee device may be silent:
    any other limit is a person's. `zigbee_restart_at` is when the stick last needed a restart of
    Home Assistant (unix s), 0 before the first.

    `defaults` has each property of the home that was wrong, and the default that Home Assistant
    got instead. `spoilt_energy` is the newest copy that Home Assistant has kept of a damaged
    energy dashboard, once provision has seen it.
    """

    refresh_token: str = ""
    refused: str = ""
    is_onboarded: bool = False
    broker_entry: str = ""
    has_energy: bool = False
    has_dashboard: bool = False
    energy: tuple[str, ...] = ()
    dashboard: tuple[str, ...] = ()
    has_gateway_page: bool = False
    gateway_page: tuple[str, ...] = ()
    has_default_page: bool = False
    has_zigbee: bool = False
    has_zigbee_limit: bool = False
    zigbee_restart_at: float = 0.0
    defaults: dict[str, str | float] = {}
    spoilt_energy: str = ""

    @property
    def is_of_another(self) -> bool:
        """Return whether a Home Assistant that asks for its onboarding is not the record's."""
        # The last three: hems 0.1.0 kept no is_onboarded.
        return self.is_onboarded or bool(self.broker_entry) or self.has_energy or self.has_dashboard

    def __repr__(self) -> str:
        return "an empty record" if self == HomeAssistantSetupRecord() else "a record"


SetupRecordFile = RecordFile[HomeAssistantSetupRecord]
