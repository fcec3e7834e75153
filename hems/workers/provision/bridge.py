"""The broker's bridge to a central one, as long as the variable MQTT_BRIDGE says one."""

from __future__ import annotations

from hems.errors import Unavailable
from hems.settings.mqtt_bridge import CentralBroker, MqttBridge
from hems.system import files
from hems.workers.provision.layout import Layout

# mosquitto.conf(5), "Configuring Bridges". A value goes to the end of its line, with its spaces,
# quotes and #. Out only: nothing can go round in a circle. What is published while the other is
# away is kept, as far as services/mqtt's limits go.
CONFIGURATION = """\
connection central
address {host}:{port}
remote_clientid hems-{machine}
remote_username {user}
remote_password {password}
cleansession false
notifications false
try_private false
restart_timeout 10 300
"""
TOPIC = 'topic {topic} out 1 "" {prefix}/\n'
TLS = "bridge_cafile /etc/ssl/certs/ca-certificates.crt\n"


class BrokerBridge:
    """Keeps the file that the broker includes, or removes it when `central` is None.

    `machine` is what this one is called, which is nobody else's name at the central broker.
    """

    name = "bridge"

    def __init__(
        self, layout: Layout, settings: MqttBridge, central: CentralBroker | None, machine: str
    ) -> None:
        self._path = layout.gateway / "bridge.conf"
        self._access = layout.for_mosquitto()
        self._content = configuration(settings, central, machine).encode() if central else b""
        self._is_done = False

    def step(self, _now: float) -> None:
        """Make the file right. Raises Unavailable."""
        self._is_done = False
        if self._content:
            files.settle(self._path, self._content, self._access)
        else:
            files.remove(self._path)
        self._is_done = True

    def contents(self) -> list[bytes]:
        """Return what the broker reads when it starts. Raises Unavailable until it is right."""
        if not self._is_done:
            raise Unavailable("waits for the bridge's file")
        return [self._content] if self._content else []


def configuration(settings: MqttBridge, central: CentralBroker, machine: str) -> str:
    """Return the lines that send readings on to `central`, to below the prefix."""
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
