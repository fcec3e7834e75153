"""One check, one file; each says what it has found of one promise."""

from __future__ import annotations

from functools import partial

from hems.doctor.checks import (
    balena,
    broker,
    certificate,
    clock,
    disk,
    firewall,
    gpio,
    influxdb,
    internet,
    nginx,
    readings,
    service,
    units,
    volumes,
    zigbee,
)
from hems.doctor.examination import Check
from hems.settings import Settings

# First what others stand on: who begins with the first failure begins with the cause.
MACHINE = {
    "disk": disk.look,
    "volumes": volumes.look,
    "clock": clock.look,
    "balena": balena.look,
    "internet": internet.look,
    "units": units.look,
    "firewall": firewall.look,
    "gpio": gpio.look,
    "zigbee": zigbee.look,
}
PROMISES = {
    "certificate": certificate.look,
    "TLS": nginx.look,
    "INFLUX_TOKEN": influxdb.look,
    "MQTT login": broker.look,
    "readings": readings.look,
}


def checks(settings: Settings) -> list[Check]:
    """Return every check of a gateway with these settings."""
    services = {
        f"service {name}": partial(service.look, name, one.probe)
        for name, one in settings.services.items()
    }
    machine = {name: partial(look, settings) for name, look in MACHINE.items()}
    promises = {name: partial(look, settings) for name, look in PROMISES.items()}
    return [Check(*one) for one in (machine | services | promises).items()]
