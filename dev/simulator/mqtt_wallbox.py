"""Simulate the wallbox of a home's car: an MQTT device with a login of its own in MQTT_USERS.

It announces itself to Home Assistant, and publishes power and energy (docs/data.md, devices with a
login at the broker).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import aiomqtt

from dev.simulator.home_day import Appliance
from dev.simulator.household import Household, LoadReading
from hems.errors import ConfigError
from hems.settings import Settings
from hems.worker_runtime import Context, run_until_stopped

NAME = "wallbox"
STATE = f"{NAME}/state"
PERIOD_S, RETRY_S = 5.0, 2.0
DEVICE = {
    "identifiers": [NAME],
    "name": "Wallbox",
    "manufacturer": "hems",
    "model": "SIM-WALLBOX",
}
QUANTITIES = (  # key, unit, state_class
    ("energy", "Wh", "total_increasing"),
    ("power", "W", "measurement"),
)


def announcements(prefix: str) -> Iterator[tuple[str, str]]:
    """Yield topic and payload of what makes it a device of Home Assistant."""
    for key, unit, state_class in QUANTITIES:
        entity = {
            "name": key.capitalize(),
            "unique_id": f"{NAME}_{key}",
            "default_entity_id": f"sensor.{NAME}_{key}",
            "state_topic": STATE,
            "value_template": f"{{{{ value_json.{key} }}}}",
            "unit_of_measurement": unit,
            "device_class": key,
            "state_class": state_class,
            "device": DEVICE,
        }
        yield f"{prefix}/sensor/{NAME}/{key}/config", json.dumps(entity)


def state(reading: LoadReading) -> str:
    """Return the payload of a reading."""
    return json.dumps({"energy": reading.energy_wh, "power": reading.watts})


def wallbox(settings: Settings, household: Household, port: int) -> WallboxProgram:
    """Return the program for the broker at `port`. Raises ConfigError without its login."""
    for user in settings.secrets.mqtt_users:
        if user.name == NAME:
            prefix = settings.mqtt.discovery_prefix
            return WallboxProgram((settings.mqtt.host, port), user.password, prefix, household)
    raise ConfigError(f"MQTT_USERS has no login {NAME}")


@dataclass
class WallboxProgram:
    """`broker` is its host, and the port for devices."""

    broker: tuple[str, int]
    password: str = field(repr=False)
    prefix: str
    household: Household
    name: str = NAME

    def run(self, ctx: Context) -> None:
        """Publish until stopped, whatever the broker does."""
        asyncio.run(run_until_stopped(ctx, self._publish(ctx)))

    async def _publish(self, ctx: Context) -> None:
        host, port = self.broker
        while True:
            try:
                async with aiomqtt.Client(
                    host, port, username=NAME, password=self.password, identifier=NAME
                ) as client:
                    for topic, payload in announcements(self.prefix):
                        await client.publish(topic, payload, qos=1, retain=True)
                    while True:
                        reading = self.household.appliance(Appliance.CAR, int(ctx.clock.time()))
                        await client.publish(STATE, state(reading), qos=1, retain=True)
                        ctx.notify.status(f"{reading.watts} W")
                        ctx.notify.alive()
                        await asyncio.sleep(PERIOD_S)
            except aiomqtt.MqttError as error:
                ctx.notify.status(f"the broker: {error}")
                ctx.notify.alive()
                await asyncio.sleep(RETRY_S)
