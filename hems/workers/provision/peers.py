"""Whom provision asks, beside the files that it makes."""

from __future__ import annotations

from dataclasses import dataclass

from hems.workers.provision.influxdb import Connect
from hems.workers.provision.restarts import Supervisor


@dataclass(frozen=True)
class Peers:
    """None where there is no such peer. `influxdb` returns it as whoever has a token."""

    supervisor: Supervisor | None = None
    influxdb: Connect | None = None
