"""Configure mosquitto's bridge to a central broker, if the variable MQTT_BRIDGE names one."""

from __future__ import annotations

from hems.errors import Unavailable
from hems.settings.mqtt_bridge import CentralBroker, MqttBridgeSettings
from hems.system import files
from hems.workers.provision.gateway_file_paths import GatewayFiles

# mosquitto.conf(5), "Configuring Bridges". A value extends to the end of its line, with spaces,
# quotes and #. The direction is out only, so that no message can travel in a circle. While the
# central broker is away, mosquitto keeps messages within the limits of services/mqtt. It notifies
# telemetry of that, below $SYS.
CONFIGURATION = """\
connection central
address {host}:{port}
remote_clientid hems-{machine}
remote_username {user}
remote_password {password}
cleansession false
notifications true
notifications_local_only true
try_private false
restart_timeout 10 300
"""
TOPIC = 'topic {topic} out 1 "" {prefix}/\n'
TLS = "bridge_cafile /etc/ssl/certs/ca-certificates.crt\n"


class BrokerBridge:
    """Writes the file that the broker includes, or removes it if `central` is None.

    `machine` is this gateway's name, which is unique at the central broker. With a mistake in
    the settings (`is_known` is false), the file stays as it is.
    """

    name = "bridge"

    def __init__(
        self,
        layout: GatewayFiles,
        settings: MqttBridgeSettings,
        central: CentralBroker | None,
        machine: str,
        *,
        is_known: bool = True,
    ) -> None:
        self._is_known = is_known
        self._path = layout.gateway / "bridge.conf"
        self._access = layout.for_mosquitto()
        self._content = configuration(settings, central, machine).encode() if central else b""
        self._is_done = False

    def step(self, _now: float) -> None:
        """Write or remove the file. Raises Unavailable."""
        self._is_done = False
        if not self._is_known:
            self._content = files.content(self._path) or b""
        elif self._content:
            files.ensure(self._path, self._content, self._access)
        else:
            files.remove(self._path)
        self._is_done = True

    def contents(self) -> list[bytes]:
        """Return what the broker reads at its start. Raises Unavailable until that is complete."""
        if not self._is_done:
            raise Unavailable("waits for the bridge's file")
        return [self._content] if self._content else []


def configuration(settings: MqttBridgeSettings, central: CentralBroker, machine: str) -> str:
    """Return the lines that forward readings to `central`, below the prefix."""
    prefix = settings.prefix or machine
    text = CONFIGURATION.format(
        host=central.host,
        port=central.port,
        machine=machine,
        user=central.user,
        password=central.password,
    )
    topics = [TOPIC.format(topic=topic, prefix=prefix) for topic in settings.topics]
    return "".join([text, *topics, TLS if central.has_tls else ""])
