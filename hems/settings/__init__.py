"""Typed settings: one field for each section of etc/hems.toml, and the secrets.

This class is the register of the sections: a field makes a section known to the file and to the
variables HEMS_<SECTION>_<NAME>. load.py reads and checks both; read_secrets.py reads the secrets.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from hems.settings.eesmart_d2l import EesmartD2lSettings
from hems.settings.home_assistant import HomeAssistantSettings
from hems.settings.influxdb import InfluxdbSettings
from hems.settings.iptables_init import IptablesInitSettings
from hems.settings.led import LedSettings
from hems.settings.logs import LogsSettings
from hems.settings.mqtt import MqttSettings
from hems.settings.mqtt_bridge import MqttBridgeSettings
from hems.settings.provision import ProvisionSettings
from hems.settings.read_secrets import Secrets
from hems.settings.section import Section
from hems.settings.tariffs import TariffsSettings
from hems.settings.telemetry import TelemetrySettings
from hems.settings.validation_problems import SettingsProblem
from hems.settings.watchdog import DEFAULT_SERVICES, ServiceSettings, WatchdogSettings
from hems.settings.wifi_connect import WifiConnectSettings


class Settings(msgspec.Struct, frozen=True):
    """Everything that workers can be configured with; each worker reads its own sections."""

    logs: LogsSettings = LogsSettings()
    mqtt: MqttSettings = MqttSettings()
    mqtt_bridge: MqttBridgeSettings = MqttBridgeSettings()
    eesmart_d2l: EesmartD2lSettings = EesmartD2lSettings()
    watchdog: WatchdogSettings = WatchdogSettings()
    led: LedSettings = LedSettings()
    iptables_init: IptablesInitSettings = IptablesInitSettings()
    provision: ProvisionSettings = ProvisionSettings()
    home_assistant: HomeAssistantSettings = HomeAssistantSettings()
    influxdb: InfluxdbSettings = InfluxdbSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    tariffs: TariffsSettings = TariffsSettings()
    wifi_connect: WifiConnectSettings = WifiConnectSettings()
    services: Mapping[str, ServiceSettings] = msgspec.field(default_factory=DEFAULT_SERVICES.copy)
    secrets: Secrets = Secrets()
    open_ports: tuple[int, ...] = ()
    are_pages_on_http: bool = False  # and not only on HTTPS
    problems: tuple[SettingsProblem, ...] = ()


SECTIONS: Mapping[str, type[Section]] = {
    field.name: field.type
    for field in msgspec.structs.fields(Settings)
    if isinstance(field.type, type) and issubclass(field.type, Section)
}
