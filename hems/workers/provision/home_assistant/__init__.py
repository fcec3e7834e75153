"""Set up Home Assistant without a person: home, broker, Zigbee stick, energy dashboard, pages.

Its owner is there already (services/homeassistant/owner.py), with the gateway's login.

Each part checks first, so that the process may end anywhere and start again. After a refusal the
worker tries again with growing delays; it never sends a refused login again.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Protocol

from loguru import logger

from hems.backoff_and_rate_limits import Backoff
from hems.clients.home_assistant.admin_session import AdminSession
from hems.clients.home_assistant.auth_api import HomeAssistant
from hems.errors import HemsError, ProtocolError, Rejected, Unavailable
from hems.protocols.meters.meter_inventory import Meter
from hems.protocols.meters.meter_roles import Role
from hems.settings import Settings
from hems.settings.shared_secret_rules import Secret
from hems.supervision.worker.problem import ReportedProblem
from hems.system.clock import time_zone
from hems.workers.provision.gateway_file_paths import GatewayFiles
from hems.workers.provision.home_assistant import first_rooms_and_person
from hems.workers.provision.home_assistant.change_detection import HostView
from hems.workers.provision.home_assistant.energy_dashboard_setup import EnergyDashboard
from hems.workers.provision.home_assistant.grid_sources import GridSourceChoice
from hems.workers.provision.home_assistant.home_properties import HomeProperties
from hems.workers.provision.home_assistant.login import AdminLogin
from hems.workers.provision.home_assistant.meters_and_role_labels import MeterRegister
from hems.workers.provision.home_assistant.mqtt_config_entry import MqttEntry
from hems.workers.provision.home_assistant.orphaned_entities import OrphanedEntities
from hems.workers.provision.home_assistant.pages import (
    PAGES,
    FirstPage,
    PageDashboard,
    PageSources,
)
from hems.workers.provision.home_assistant.reader_account import ReaderAccount
from hems.workers.provision.home_assistant.setup_record import (
    HomeAssistantSetupRecord,
    SetupRecordFile,
)
from hems.workers.provision.home_assistant.zigbee_config_entry import ZigbeeEntry
from hems.workers.provision.home_assistant.zigbee_network_backup import (
    ZigbeeNetworkBackup,
    kept_backup,
)
from hems.workers.provision.home_assistant.zigbee_silence_limit import ZigbeeSilenceLimit
from hems.workers.provision.shared_secrets import SharedSecrets

OWNER, CORE_CONFIG = "user", "core_config"
STEPS = (CORE_CONFIG, "analytics", "integration")  # after the owner's
NO_OWNER = "it has no owner: restart the service homeassistant, which makes one before it answers"
MAX_WAIT_S = 600.0
LONGEST_PAUSE = 10.0  # periods


class Part(Protocol):
    """One part of the set-up."""

    def set_up(self, session: AdminSession, now: float) -> None:
        """Set up what is missing at monotonic `now` (s). Raises HemsError."""


class HomeAssistantSetup:
    """The step of provision that sets up Home Assistant."""

    name = "Home Assistant"

    def __init__(
        self,
        settings: Settings,
        client: HomeAssistant,
        secrets: SharedSecrets,
        layout: GatewayFiles,
        view: HostView,
    ) -> None:
        record = SetupRecordFile(
            layout.home_assistant_record, HomeAssistantSetupRecord(), layout.private()
        )

        def broker_password() -> str:
            return secrets.value(Secret.MQTT_HOMEASSISTANT_PASSWORD)

        self._record = record
        self._has_linky = bool(settings.secrets.d2l_devices)
        self._language = settings.home_assistant.language
        self._home = HomeProperties(settings, record)
        self._client = client
        self._orphans = OrphanedEntities()
        self._zigbee = ZigbeeEntry(
            record, view.serial_adapters, lambda: kept_backup(layout) is not None, view.time
        )
        zigbee_backup = ZigbeeNetworkBackup(layout, lambda: self._zigbee.is_loaded)
        silent_after_s = round(settings.provision.silent_after_s)
        zigbee_limit = ZigbeeSilenceLimit(record, lambda: self._zigbee.is_loaded, silent_after_s)
        self._view = view
        self._seen: Sequence[object] = ()
        self._login = AdminLogin(client, secrets.login, record)
        self._register = MeterRegister(settings.home_assistant.language)
        time_zone_of = partial(time_zone, settings.home_assistant.time_zone)
        grid = GridSourceChoice(settings.tariffs.contracts, time_zone_of, self._language)
        energy = EnergyDashboard(record, self._register, grid, view.folder, view.time)
        sources = PageSources(
            self._register, energy, self._language, view.folder, has_linky=self._has_linky
        )
        self._parts: tuple[Part, ...] = (
            MqttEntry(settings.mqtt, broker_password, record),
            self._register,
            energy,
            sources,
            *(PageDashboard(page, record, sources) for page in PAGES),
            FirstPage(record),
            self._orphans,
            self._home,
            self._zigbee,
            zigbee_limit,
            zigbee_backup,
            ReaderAccount(
                client, layout.reader_token, layout.for_telemetry(), secrets.new_password
            ),
        )
        self._backoff = Backoff(settings.provision.retry_s, MAX_WAIT_S)
        period_s = settings.provision.period_s
        self._pauses = Backoff(period_s, LONGEST_PAUSE * period_s)  # while all is as it should be
        self._next_at = 0.0  # monotonic seconds
        self._refusal = ""
        self._is_onboarded = False

    def step(self, now: float) -> None:
        """Set up what is missing at monotonic `now` (s).

        Raises HemsError; Unavailable while Home Assistant does not answer.
        """
        has_news, self._seen = self.has_news, self._view.changes()
        if now < self._next_at and not has_news:
            if self._refusal:
                raise Rejected(self._refusal)
            return
        self._refusal, before = "", self._record.record
        try:
            self._onboard(now)
            self._is_onboarded = True
            self._set_up(now)
        except HemsError as error:
            self._pauses.reset()
            if isinstance(error, Rejected | ProtocolError):
                self._refusal, self._next_at = str(error), now + self._backoff.fail()
            raise
        self._backoff.reset()
        if self._is_settled(before):
            self._next_at = now + self._pauses.fail()
        else:
            self._pauses.reset()
            self._next_at = now

    @property
    def counted_meters(self) -> list[tuple[Meter, Role]]:
        """Return the meters of the home besides a Linky, with their roles."""
        return self._register.counted

    @property
    def zigbee_restart_at(self) -> float:
        """Return when the Zigbee stick last needed a restart of Home Assistant (unix s)."""
        return self._record.record.zigbee_restart_at

    @property
    def is_zigbee_restart_due(self) -> bool:
        """Return whether the stick still needs that restart, unless it was done."""
        return self._zigbee.is_restart_due

    @property
    def has_zigbee(self) -> bool:
        """Return whether a Zigbee stick has been set up."""
        return self._record.record.has_zigbee

    @property
    def has_news(self) -> bool:
        """Return whether a step would find something new before it is due."""
        return self._view.changes() != self._seen

    @property
    def is_settling(self) -> bool:
        """Return whether a meter is new: its entities come one after another."""
        return not self._register.is_settled

    @property
    def problems(self) -> tuple[ReportedProblem, ...]:
        """Return what is wrong with the Zigbee stick; unknown before the first look."""
        return self._zigbee.problems

    def session(self, now: float) -> AdminSession:
        """Return a session of the owner at monotonic `now` (s).

        Raises HemsError; Unavailable until the owner exists, because a login would be a wrong one.
        """
        if not self._is_onboarded:
            raise Unavailable("Home Assistant has not been set up yet")
        return self._login.session(now)

    def _is_settled(self, before: HomeAssistantSetupRecord) -> bool:
        """Return whether all is set up, and nothing has changed since the record `before`."""
        record = self._record.record
        has_pages = record.has_dashboard and record.has_gateway_page and record.has_default_page
        has_dashboards = has_pages and (record.has_energy or not self._has_linky)
        is_at_rest = self._zigbee.is_at_rest and not self._orphans.has_candidates
        return has_dashboards and record == before and is_at_rest and self._register.is_settled

    def _onboard(self, now: float) -> None:
        missing = self._client.onboarding()
        if OWNER in missing:
            raise Rejected(NO_OWNER)
        steps = [step for step in STEPS if step in missing]
        if not steps:
            if not self._record.record.is_onboarded:
                self._record.update(is_onboarded=True)
            return
        if self._record.record.is_of_another:
            self._login.forget()
        with self._login.session(now) as session:
            for step in steps:
                if step == CORE_CONFIG:
                    self._home.give(session)
                    first_rooms_and_person.make(session, self._language)
                session.finish_onboarding(step)
        logger.info("finished Home Assistant's onboarding with the home's location")

    def _set_up(self, now: float) -> None:
        """Set up each part, even if Home Assistant refuses another."""
        errors: list[HemsError] = []
        with self._login.session(now) as session:
            for part in self._parts:
                try:
                    part.set_up(session, now)
                except (Rejected, ProtocolError) as error:
                    errors.append(error)
        if errors:
            raise Rejected("; ".join(dict.fromkeys(str(error) for error in errors)))
