"""Simulate what people do in the home of a desk: set up Zigbee, name the meters, fill the past.

The resident waits until provision has set up Home Assistant, and repeats nothing that is done.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property

import msgspec
from loguru import logger

from dev.simulator import past_statistics
from dev.simulator.household import Household
from dev.simulator.past_statistics import PastSeries
from dev.simulator.zigbee.home_meters import HOME_METERS, zha_address
from hems import peer_clients
from hems.clients.home_assistant.admin_session import AdminSession
from hems.clients.home_assistant.auth_api import HomeAssistant, LoginRefused
from hems.clients.home_assistant.websocket import Websocket
from hems.errors import HemsError, Unavailable
from hems.protocols.home_assistant import zha_setup_flow
from hems.protocols.home_assistant.energy_dashboard import saved_grid
from hems.protocols.home_assistant.zigbee_stick_finder import ZHA, SerialPort
from hems.protocols.meters.meter_roles import Role
from hems.settings import Settings, shared_secret_rules
from hems.settings.shared_secret_rules import Secret
from hems.worker_outage_log import Outage
from hems.worker_runtime import Context, every

PERIOD_S = 2.0
PERMIT_S = 60  # after this the network is opened again, if meters are missing
LATECOMERS_S = 600  # for the neighbours' meters; an access token is valid for 30 minutes
MOST_STEPS = 8  # of a flow
SUMMATION, POWER = "-1-1794-summation_delivered", "-1-2820"  # ends of ZHA's unique ids
KWH_PER_WH = 0.001
COST = "_cost"  # the end of the entity in which Home Assistant counts the cost of another


@dataclass(frozen=True)
class DeskPast:
    """`begin` (unix s) is when the desk started, with `days` of the home's past before it.

    `seed` is the home's dongle; `zigbee_port` is the TCP port of its stick, 0 without one.
    """

    household: Household
    seed: int
    begin: int
    days: int
    zigbee_port: int


class DeviceLabels(msgspec.Struct, frozen=True):
    """A device as Home Assistant lists it."""

    id: str
    name: str | None = None
    labels: tuple[str, ...] = ()


class HomeWork:
    """What is left to do in Home Assistant, as its owner."""

    def __init__(self, client: HomeAssistant, token: str, past: DeskPast, language: str) -> None:
        self._client = client
        self._token = token
        self._past = past
        self._language = language
        self._imported: set[str] = set()
        self._priced: set[str] = set()
        self._named: set[int] = set()
        self._permitted_at = float("-inf")  # monotonic seconds
        self._forming = ""  # the flow in which the stick forms a network

    @property
    def is_done(self) -> bool:
        """Return whether everything is set up, and has its past."""
        wanted = len(HOME_METERS) if self._past.zigbee_port else 0
        series = 2 * wanted + len(self._announced)
        return len(self._named) == wanted and len(self._imported) == series

    @property
    def status(self) -> str:
        return (
            f"{len(self._named)} Zigbee meters joined, {len(self._imported)} entities have a past"
        )

    def look(self, now: float) -> None:
        """Do what can be done at monotonic `now` (s). Raises HemsError."""
        with AdminSession(self._client, self._token) as session, self._socket() as socket:
            if self._past.zigbee_port and self._has_zigbee(session):
                self._join(socket, now)
            self._import(session, socket)
            self._import_costs(session, socket)
            self._leave_out_neighbours(socket)

    @contextmanager
    def _socket(self) -> Iterator[Websocket]:
        socket = Websocket(self._client.address, self._token, self._client.timeout_s)
        try:
            yield socket
        finally:
            socket.close()

    def _has_zigbee(self, session: AdminSession) -> bool:
        """Return whether the stick is set up; if there is none, set it up, as a person does."""
        entries = session.entries(ZHA)
        if entries:
            return entries[0].state == "loaded"
        if self._is_forming(session):
            return False
        stick = SerialPort(f"socket://127.0.0.1:{self._past.zigbee_port}")
        step = session.begin_flow(ZHA)
        for _ in range(MOST_STEPS):
            if step.type not in ("form", "menu"):
                break
            fields = zha_setup_flow.answer(step.step_id, step.menu_options, stick, has_backup=False)
            if not isinstance(fields, dict):
                session.give_up_flow(step.flow_id)
                raise Unavailable(fields.found)
            step = session.answer_flow(step.flow_id, fields)
        self._forming = step.flow_id if step.type == "progress" else ""
        logger.info("set up the stick: {} {}", step.type, step.step_id or step.reason)
        return False

    def _is_forming(self, session: AdminSession) -> bool:
        """Return whether the stick formed a network in a flow at the last look.

        To ask lets Home Assistant go on with the flow, up to the entry.
        """
        forming, self._forming = self._forming, ""
        with suppress(Unavailable):  # it has ended
            if forming and session.flow(forming).type == "progress":
                self._forming = forming
        return bool(forming)

    def _join(self, socket: Websocket, now: float) -> None:
        """Open the network until every meter has joined, and name each."""
        devices = socket.command(list[dict[str, object]], "zha/devices")
        known = {str(one["ieee"]): str(one["device_reg_id"]) for one in devices}
        for number, meter in enumerate(HOME_METERS):
            device_id = known.get(zha_address(number))
            if device_id and number not in self._named:
                update, name = "config/device_registry/update", meter.name(self._language)
                socket.command(object, update, device_id=device_id, name_by_user=name)
                self._named.add(number)
        if now - self._permitted_at > PERMIT_S and len(self._named) < len(HOME_METERS):
            self._permitted_at = now
            service = {"domain": ZHA, "service": "permit", "service_data": {"duration": PERMIT_S}}
            socket.command(object, "call_service", **service)

    @cached_property
    def _announced(self) -> dict[str, PastSeries]:
        """Return the past of what is announced on MQTT, by entity id."""
        series = past_statistics.linky_series(self._past.household)
        linky = {f"sensor.d2l_{self._past.seed:012d}_{name}": one for name, one in series.items()}
        return linky | past_statistics.wallbox_series(self._past.household)

    def _import(self, session: AdminSession, socket: Websocket) -> None:
        """Give each entity of the home's meters that is known its past."""
        wanted = {entity_id: (one, 1.0) for entity_id, one in self._announced.items()}
        entities = session.entities()
        for number in range(len(HOME_METERS)):
            energy, power = past_statistics.zigbee_series(self._past.household, number)
            ends = {SUMMATION: (energy, KWH_PER_WH), POWER: (power, 1.0)}
            wanted |= {
                one.entity_id: ends[end]
                for one in entities
                for end in ends
                if one.unique_id == zha_address(number) + end
            }
        for entity_id in [one.entity_id for one in entities if one.entity_id in wanted]:
            if entity_id not in self._imported:
                self._give_past(socket, entity_id, *wanted[entity_id])
                self._imported.add(entity_id)

    def _import_costs(self, session: AdminSession, socket: Websocket) -> None:
        """Give the cost of each source of energy its past, as Home Assistant would have it."""
        for entity_id, source in saved_grid(session.energy_preferences()).items():
            energy, price = self._announced.get(entity_id), source.number_energy_price
            if energy and price is not None and entity_id not in self._priced:
                self._give_past(socket, f"{entity_id}{COST}", energy.cost(price), 1.0)
                self._priced.add(entity_id)

    def _leave_out_neighbours(self, socket: Websocket) -> None:
        """Say, as an installer would, that the other Linkys are not this home's."""
        own = f"Linky {self._past.seed:012d}"
        for device in socket.command(list[DeviceLabels], "config/device_registry/list"):
            is_other = (device.name or "").startswith("Linky ") and device.name != own
            if is_other and Role.GRID in device.labels:
                update = "config/device_registry/update"
                socket.command(object, update, device_id=device.id, labels=[Role.NONE])

    def _give_past(
        self, socket: Websocket, entity_id: str, series: PastSeries, scale: float
    ) -> None:
        unit_class, unit = series.quantity
        metadata = {
            "mean_type": 0 if series.is_counter else 1,  # none, arithmetic
            "has_sum": series.is_counter,
            "name": None,
            "source": "recorder",
            "statistic_id": entity_id,
            "unit_class": unit_class,
            "unit_of_measurement": "kWh" if scale == KWH_PER_WH else unit,
        }
        stats = [*past_statistics.rows(series, self._past.begin, self._past.days, scale)]
        if stats:
            socket.command(object, "recorder/import_statistics", metadata=metadata, stats=stats)


@dataclass
class Resident:
    """The program."""

    settings: Settings
    past: DeskPast
    name: str = "resident"

    def run(self, ctx: Context) -> None:
        """Look at the home again and again until stopped; report ready once all is done.

        Raises Rejected for a wrong login.
        """
        client = peer_clients.home_assistant(self.settings)
        if client is None:
            raise Unavailable("this desk has no Home Assistant")
        language = self.settings.home_assistant.language
        outage = Outage("Home Assistant")
        work: HomeWork | None = None
        ends_at = float("inf")  # monotonic seconds
        for _ in every(PERIOD_S, ctx):
            now = ctx.clock.monotonic()
            if now >= ends_at:
                continue
            try:
                work = work or HomeWork(client, self._token(client), self.past, language)
                work.look(now)
            except LoginRefused:  # a second one could ban this address
                raise
            except HemsError as error:
                outage.begin(str(error), now)
                ctx.notify.status(f"waits: {error}")
                continue
            outage.end(now)
            ctx.notify.status(work.status)
            if work.is_done and ends_at == float("inf"):
                ctx.notify.ready()
                ends_at = now + LATECOMERS_S

    def _token(self, client: HomeAssistant) -> str:
        """Return an access token of the owner, once the home is set up. Raises HemsError."""
        if client.onboarding():
            raise Unavailable("provision has not finished the onboarding")
        created = self.settings.provision.secrets_directory
        user, password = (
            shared_secret_rules.stored(created, one)
            for one in (Secret.CONFIG_USER, Secret.CONFIG_PASSWORD)
        )
        return client.tokens(client.log_in(user, password)).access_token
