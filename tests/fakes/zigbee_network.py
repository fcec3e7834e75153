"""A Zigbee network as a session of Home Assistant shows it: who may join, and who has."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec.structs import replace

from hems.clients.home_assistant.responses import IGNORED, CommandError, ConfigEntry
from hems.clients.home_assistant.websocket import CommandFailed
from hems.clients.home_assistant.zha_responses import (
    ZhaDevice,
    ZhaEntity,
)
from hems.errors import HemsError, Unavailable
from hems.protocols.home_assistant.entity_state import EntityState, StateAttributes

WHEN = datetime(2026, 12, 1, tzinfo=UTC)
STICK = ZhaDevice("id-stick", ieee="00:01", name="stick", active_coordinator=True)


class FakeZigbeeNetwork:
    """`now` is monotonic seconds; `is_away` is whether Home Assistant answers nothing.

    `is_loaded` is whether ZHA works, `broken` the state of its entry otherwise: a command of ZHA's
    is an error in Home Assistant's log then, and `errors` counts those. `refusal` meets who names a
    device.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.is_away = False
        self.is_loaded = True
        self.broken = "setup_in_progress"
        self.errors = 0
        self.questions = 0  # of any kind
        self.refusal: HemsError | None = None
        self.devices = {STICK.ieee: STICK}
        self.values: dict[str, EntityState] = {}
        self.permits: list[int] = []
        self.sessions = 0  # that are open
        self._closes_at = 0.0

    @property
    def is_open(self) -> bool:
        return self.now < self._closes_at

    def join(self, ieee: str, *, nwk: int = 0x1A2B, model: str = "SIM-METER") -> None:
        """Let a plug join, which has no entities yet."""
        assert self.is_open
        known = self.devices.get(ieee)
        self.devices[ieee] = ZhaDevice(
            f"id-{ieee}",
            ieee=ieee,
            nwk=nwk,
            name=f"hems {model}",
            user_given_name=known.user_given_name if known else None,
            manufacturer="hems",
            model=model,
        )

    def report(self, ieee: str, value: str = "5") -> None:
        """Let it have entities: one with a value, two that measure nothing."""
        one = self.devices[ieee]
        entities = [f"sensor.{ieee}_power", f"button.{ieee}", f"sensor.{ieee}_rssi"]
        known = tuple(ZhaEntity(entity) for entity in entities)
        self.devices[ieee] = replace(one, lqi=180, rssi=-60, entities=known)
        power = StateAttributes(False, "power", "measurement", "W")
        identify = StateAttributes(device_class="identify")
        unread = StateAttributes(False, "signal_strength", "measurement", "dBm")
        texts = (value, "unknown", "unknown")
        for entity, text, about in zip(entities, texts, (power, identify, unread), strict=True):
            self.values[entity] = EntityState(entity, text, about, WHEN)

    def session(self) -> FakeZigbeeNetwork:
        self._check()
        self.sessions += 1
        return self

    def close(self) -> None:
        self.sessions -= 1

    def entries(self, domain: str) -> tuple[ConfigEntry, ...]:
        self._check()
        state = "loaded" if self.is_loaded else self.broken
        ignored = ConfigEntry("zha-0", domain, "", "not_loaded", source=IGNORED)  # another stick
        return (ignored, ConfigEntry("zha-1", domain, "", state))

    def permit_zigbee_joining(self, seconds: int) -> None:
        self._check_zha()
        assert 0 <= seconds <= 254
        self.permits.append(seconds)
        self._closes_at = self.now + seconds

    def zigbee_devices(self) -> tuple[ZhaDevice, ...]:
        self._check_zha()
        return tuple(self.devices.values())

    def states(self) -> tuple[EntityState, ...]:
        self._check()
        return tuple(self.values.values())

    def name_device(self, device_id: str, name: str) -> None:
        self._check()
        if self.refusal:
            raise self.refusal
        for ieee, one in self.devices.items():
            if one.device_reg_id == device_id:
                self.devices[ieee] = replace(one, user_given_name=name)

    def _check_zha(self) -> None:
        self._check()
        if not self.is_loaded:
            self.errors += 1
            raise CommandFailed("zha", CommandError("unknown_error", "Unknown error"))

    def _check(self) -> None:
        self.questions += 1
        if self.is_away:
            raise Unavailable("refused")
