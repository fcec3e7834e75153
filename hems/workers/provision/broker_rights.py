"""Decide who may read and write which topics of the broker.

A device publishes and announces only under its own name. Home Assistant's discovery topics are
PREFIX/COMPONENT/[NODE_ID/]OBJECT_ID/config: the id after the component has to be the device's name.
A list of topics may grant more, but never the topics or announcements of another device or of the
gateway. A filter of a list that covers some of those is granted without them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hems.protocols.mqtt import broker_topics_and_limits
from hems.protocols.mqtt.mosquitto_access_files import AccessGrant, AccessRight
from hems.protocols.mqtt.topic_filter_intersection import intersection
from hems.settings.mqtt import MqttSettings
from hems.settings.mqtt_users import MqttUser
from hems.settings.shared_secret_rules import HOME_ASSISTANT

READ, WRITE, BOTH, DENY = (
    AccessRight.READ,
    AccessRight.WRITE,
    AccessRight.READWRITE,
    AccessRight.DENY,
)
SAID = ("state", "availability")  # the topics of workers and meters end so
Right = tuple[AccessRight, str]


@dataclass(frozen=True)
class BrokerRights:
    """The rights of all users.

    `announced` are the ids under which the gateway announces its own devices, itself first.
    """

    mqtt: MqttSettings
    devices: Sequence[MqttUser]
    announced: Sequence[str]

    def of_gateway(self, workers: str) -> list[AccessGrant]:
        """Return the rights on the gateway's own listener: of Home Assistant and of `workers`."""
        return _own_grants(workers, self.mqtt)

    def of_devices(self) -> list[AccessGrant]:
        """Return the rights on the devices' listener."""
        names = [user.name for user in self.devices]
        return [
            AccessGrant(user.name, tuple(_rights(user, names, self.mqtt, self.announced)))
            for user in self.devices
        ]


def _own_grants(workers: str, mqtt: MqttSettings) -> list[AccessGrant]:
    """Return the grants of Home Assistant, and of the workers, which write no commands.

    One of the workers reads bytes from strangers: whoever took it over could open Zigbee joining.
    """
    base = mqtt.base_topic
    said = (f"{base}/{whose}/{what}" for whose in ("+", "d2l/+") for what in SAID)
    return [
        AccessGrant(HOME_ASSISTANT, ((BOTH, "#"),)),
        AccessGrant(
            workers,
            (
                (READ, f"{base}/#"),
                *((WRITE, topics) for topics in said),
                (WRITE, f"{mqtt.discovery_prefix}/#"),
                (READ, _status(mqtt)),
                (READ, broker_topics_and_limits.ALL),
                (READ, broker_topics_and_limits.REPORT),
            ),
        ),
    ]


def _rights(
    user: MqttUser, names: Sequence[str], mqtt: MqttSettings, announced: Sequence[str]
) -> Iterator[Right]:
    prefix = mqtt.discovery_prefix
    others = [name for name in names if name != user.name]
    foreign = [
        f"{mqtt.base_topic}/#",
        *(f"{name}/#" for name in others),
        *(f"{prefix}/+/{name}/#" for name in (*others, *announced)),
    ]
    gateways_own = f"{prefix}/+/{announced[0]}/#" if announced else ""
    granted = []
    for topics in user.topics or (f"{user.name}/#",):
        if intersection(topics, f"{prefix}/#") != topics:
            granted.append(topics)
            foreign.append(_status(mqtt))
        elif announcements := intersection(topics, f"{prefix}/+/+/#"):
            granted.append(announcements)
    denied = [intersection(topics, other) for topics in granted for other in foreign]
    # Denied even where nothing is granted: services/mqtt takes the gateway's name from there.
    yield from ((DENY, topics) for topics in dict.fromkeys((*denied, gateways_own)) if topics)
    yield from ((BOTH, topics) for topics in granted)
    yield WRITE, f"{prefix}/+/{user.name}/#"
    yield READ, _status(mqtt)


def _status(mqtt: MqttSettings) -> str:
    """Return the topic on which Home Assistant says that it has started."""
    return f"{mqtt.discovery_prefix}/status"
