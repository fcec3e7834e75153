"""Whom provision asks over the network; None where there is none, or it is to be left alone."""

from __future__ import annotations

from dataclasses import dataclass

from hems.clients.homeassistant import HomeAssistant
from hems.workers.provision.influxdb import Connect
from hems.workers.provision.restarts import Supervisor


@dataclass(frozen=True)
class Peers:
    supervisor: Supervisor | None = None
    influxdb: Connect | None = None
    home_assistant: HomeAssistant | None = None
