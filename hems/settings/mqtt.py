"""[mqtt]: the address of the broker, and the topics that the gateway publishes to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import msgspec

from hems.settings.address_validation import is_host
from hems.settings.section import SHORTEST_S, Port, Seconds, Section, WrongValue, wrong

LONGEST_ANSWER_S = 20.0  # shorter than stopwaitsecs (etc/supervisord.conf)


class MqttSettings(Section, frozen=True):
    host: str = "172.18.4.7"
    port: Port = 1883
    discovery_prefix: str = "homeassistant"
    base_topic: str = "hems"
    timeout_s: Annotated[float, msgspec.Meta(ge=SHORTEST_S, le=LONGEST_ANSWER_S)] = 10.0
    backoff_max_s: Seconds = 60.0

    def problems(self) -> Iterator[WrongValue]:
        if not is_host(self.host):
            yield wrong("host", self.host, "an IP address or a host name")
        for name in ("discovery_prefix", "base_topic"):
            topic = getattr(self, name)
            if not topic or set(topic) & set("+#\0") or topic.strip("/ ") != topic:
                expected = "a topic without + or #, and without / or a space at its start and end"
                yield wrong(name, topic, expected)
