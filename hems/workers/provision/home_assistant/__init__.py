"""Home Assistant set up without a person: its owner, its home, the broker, two dashboards.

Each step looks first, so that it may end anywhere and begin again. What Home Assistant refuses
is tried again ever more rarely, a login never.
"""

from __future__ import annotations

from typing import Protocol

from loguru import logger

from hems.clients.homeassistant import HomeAssistant
from hems.clients.homeassistant_session import Session
from hems.errors import HemsError, ProtocolError, Rejected
from hems.settings import Settings
from hems.settings.home_assistant import HomeAssistant as Section
from hems.settings.logins import Secret
from hems.workers.provision.home_assistant.broker import Broker
from hems.workers.provision.home_assistant.dashboards import Dashboard, Energy
from hems.workers.provision.home_assistant.entrance import Entrance
from hems.workers.provision.home_assistant.memory import Memory
from hems.workers.provision.layout import Layout
from hems.workers.provision.shared_secrets import Secrets

OWNER, CORE_CONFIG = "user", "core_config"
STEPS = (CORE_CONFIG, "analytics", "integration")  # the owner's comes before them
MAX_WAIT_S = 600.0


class Part(Protocol):
    """One thing in a Home Assistant that we are logged in to."""

    def settle(self, session: Session, now: float) -> None: ...


class HomeAssistantSetup:
    """The step of provision."""

    name = "Home Assistant"

    def __init__(
        self, settings: Settings, client: HomeAssistant, secrets: Secrets, layout: Layout
    ) -> None:
        memory = Memory(layout.data / "homeassistant.json", layout.private())

        def login() -> tuple[str, str]:
            return secrets.value(Secret.CONFIG_USER), secrets.value(Secret.CONFIG_PASSWORD)

        def broker_password() -> str:
            return secrets.value(Secret.MQTT_HOMEASSISTANT_PASSWORD)

        self._home = settings.home_assistant
        self._client = client
        self._entrance = Entrance(client, login, memory)
        self._parts: tuple[Part, ...] = (
            Broker(settings.mqtt, broker_password, memory),
            Energy(memory),
            Dashboard(memory, has_meters=bool(settings.secrets.d2l_devices)),
        )
        self._first_wait_s = self._wait_s = settings.provision.retry_s
        self._next_at = 0.0  # monotonic seconds
        self._refusal = ""

    def step(self, now: float) -> None:
        """Set up what is missing. Raises HemsError; Unavailable as long as it does not answer."""
        if now < self._next_at:
            raise Rejected(self._refusal)
        try:
            self._onboard(now)
            self._settle(now)
        except (Rejected, ProtocolError) as error:
            self._refusal, self._next_at = str(error), now + self._wait_s
            self._wait_s = min(2 * self._wait_s, MAX_WAIT_S)
            raise
        self._wait_s = self._first_wait_s

    def _onboard(self, now: float) -> None:
        missing = self._client.onboarding()
        if OWNER in missing:
            self._entrance.create_owner(self._home.language, now)
        left = [step for step in STEPS if step in missing]
        if not left:
            return
        with self._entrance.session(now) as session:
            for step in left:
                if step == CORE_CONFIG:
                    session.set_home(**home(self._home))
                session.finish_onboarding(step)
        logger.info("Home Assistant is told where it is; its onboarding is done")

    def _settle(self, now: float) -> None:
        """Settle each part, whatever Home Assistant refuses of another."""
        troubles: list[HemsError] = []
        with self._entrance.session(now) as session:
            for part in self._parts:
                try:
                    part.settle(session, now)
                except (Rejected, ProtocolError) as error:
                    troubles.append(error)
        if troubles:
            raise Rejected("; ".join(dict.fromkeys(str(one) for one in troubles)))


def home(section: Section) -> dict[str, str | float]:
    """Return the settings as config/core/update takes them."""
    return {
        "location_name": section.location,
        "latitude": section.latitude,
        "longitude": section.longitude,
        "elevation": section.elevation,
        "time_zone": section.time_zone,
        "currency": section.currency,
        "country": section.country,
        "language": section.language,
        "unit_system": "metric",
    }
