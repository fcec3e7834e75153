"""One check, one file; each says what it has found of one promise."""

from __future__ import annotations

from collections.abc import Sequence
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
    provision,
    readings,
    service,
    settings,
    units,
    volumes,
    zigbee,
)
from hems.doctor.examination import Check
from hems.settings import Settings
from hems.settings.problem import Problem

# First what others stand on: who begins with the first failure begins with the cause.
MACHINE = {
    "disk": disk.look,
    "volumes": volumes.look,
    "clock": clock.look,
    "balena": balena.look,
    "internet": internet.look,
    "units": units.look,
    "provision": provision.look,
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


def checks(own: Settings, problems: Sequence[Problem]) -> list[Check]:
    """Return every check of a gateway with its `own` settings, and what is wrong with them."""
    variables = {"settings": partial(settings.look, problems)}
    services = {
        f"service {name}": partial(service.look, name, one.probe)
        for name, one in own.services.items()
    }
    machine = {name: partial(look, own) for name, look in MACHINE.items()}
    promises = {name: partial(look, own) for name, look in PROMISES.items()}
    return [Check(*one) for one in (variables | machine | services | promises).items()]
