"""provision: create what the services need (secrets, certificate), and set them up.

Each step checks, compares, and changes what differs; the worker may end anywhere and start again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from secrets import token_bytes, token_hex

import msgspec

from hems.clients.balena.supervisor_api import BalenaSupervisor
from hems.clients.home_assistant.auth_api import HomeAssistant
from hems.clients.http import HttpClient
from hems.clients.influxdb.api import Influxdb
from hems.protocols.gateway.problem_kinds import INFLUXDB_TOKEN_UNKNOWN
from hems.protocols.home_assistant.mqtt_discovery import DiscoveryDevice
from hems.protocols.web import htpasswd
from hems.protocols.web.certificate_names import ServerNames
from hems.settings import Settings
from hems.settings.logins import Secret
from hems.settings.mqtt_bridge import PARTS as BRIDGE_PARTS
from hems.settings.problems import SettingsProblem
from hems.supervision.worker.problem import ReportedProblem
from hems.system import files
from hems.system.network.router_watch import RouterWatch
from hems.worker_runtime import Clock, Context, GuardedStep, Step
from hems.workers.provision.broker_rights import BrokerRights
from hems.workers.provision.gateway_files import GatewayFiles
from hems.workers.provision.home_assistant import HomeAssistantSetup, HostView
from hems.workers.provision.home_assistant.login import KeptLogin
from hems.workers.provision.home_assistant_token import SERVICE as HOME_ASSISTANT
from hems.workers.provision.home_assistant_token import HomeAssistantToken
from hems.workers.provision.influxdb.setup import Connect, InfluxdbSetup
from hems.workers.provision.mqtt_bridge import BrokerBridge
from hems.workers.provision.nginx_doors import NginxDoors, VisitorNames
from hems.workers.provision.observations import MeterLooks, Observation, observations
from hems.workers.provision.observations.busy_channel import BusyChannel
from hems.workers.provision.observations.disk_room import DiskRoom
from hems.workers.provision.observations.implausible_readings import ImplausibleReadings
from hems.workers.provision.observations.low_batteries import LowBatteries
from hems.workers.provision.observations.silent_devices import SilentDevices
from hems.workers.provision.observations.web_pages import WebPages
from hems.workers.provision.password_files import BrokerPasswords, NginxPassword
from hems.workers.provision.provision_metrics import ProvisionMetrics, problems, status, waiting
from hems.workers.provision.provision_record import ProvisionRecordFile, digest
from hems.workers.provision.service_restarts import ServiceRestart
from hems.workers.provision.shared_secrets import SharedSecrets
from hems.workers.provision.tls_certificate import TlsCertificate
from hems.workers.provision.zigbee_joining import ZigbeeJoining

NGINX = "nginx-reverse-proxy"


@dataclass(frozen=True)
class Peers:
    """The peers on the network; None if there is none, or if provision must leave it alone."""

    supervisor: BalenaSupervisor | None = None
    influxdb: Connect | None = None
    home_assistant: HomeAssistant | None = None
    nginx: HttpClient | None = None


@dataclass(frozen=True)
class Host:
    """The machine: its host name, all its current names, and the unix time (s) of this software.

    `sets_owner` is whether provision may give files to other users, as only root can.
    `announced_as` are the ids under which workers announce this gateway and the home;
    `device` is the whole device but for its version, None if provision announces nothing itself.
    `home_assistant_folder` is Home Assistant's configuration, None if provision cannot see it.
    `visitor_names` returns every name and address by which a visitor may ask for the gateway.
    `disk` is the one that has all volumes.
    `serial_adapters` returns what identifies each USB serial adapter since it was plugged in.
    """

    name: str
    names: Callable[[], ServerNames]
    software_at: float
    sets_owner: bool
    announced_as: tuple[str, ...]
    home_assistant_folder: Path | None = None
    visitor_names: Callable[[], Iterable[str]] = tuple
    disk: DiskRoom | None = None
    serial_adapters: Callable[[], Sequence[tuple[str, int]]] = tuple
    device: DiscoveryDevice | None = None


class Provision:
    """The worker."""

    name = "provision"

    def __init__(
        self,
        settings: Settings,
        peers: Peers,
        host: Host,
        mistakes: Sequence[SettingsProblem] = (),
    ) -> None:
        """`mistakes` in the settings are those that no other worker reports."""
        self._mistakes = mistakes
        self._settings = settings
        self._peers = peers
        self._host = host
        section, secrets = settings.provision, settings.secrets
        data = Path(section.data_directory)
        layout = GatewayFiles(Path(section.gateway_directory), data, host.sets_owner)
        self._layout = layout
        self._record = ProvisionRecordFile(layout.record, layout.private())
        self._secrets = SharedSecrets(layout, secrets.variables, token_hex)
        self._broker = BrokerPasswords(layout, self._secrets, self._broker_rights(), token_bytes)
        self._doors = NginxDoors(
            layout,
            settings.open_ports,
            secrets.mqtt_users,
            are_pages_on_http=settings.are_pages_on_http,
        )
        self._visitors = VisitorNames(layout, host.visitor_names)
        central = secrets.central_broker
        has_mistake = any(problem.part in BRIDGE_PARTS for problem in settings.problems)
        self._devices: SilentDevices | None = None
        self._bridge = BrokerBridge(
            layout, settings.mqtt_bridge, central, host.name, is_known=not has_mistake
        )

    def run(self, ctx: Context) -> None:
        """Take all steps again and again, until stopped.

        Report ready after the first pass over the files: other services may start then, even if
        some files could not be written. The restarts of services come later; they may take long.
        """
        certificate = self._certificate(ctx.clock)
        nginx = NginxPassword(self._layout, self._secrets, htpasswd.new_salt)
        setup = self._database()
        database = _guarded(*([setup] if setup else []))
        onboarding = self._onboarding(ctx.clock)
        restarts = list(self._restarts(database, onboarding))
        file_steps = _guarded(
            self._secrets,
            self._broker,
            self._bridge,
            nginx,
            self._doors,
            self._visitors,
            certificate,
        )
        peer_steps = [
            *database,
            *_guarded(*restarts, *([onboarding] if onboarding else []), self._record),
            *_guarded(*self._joining(onboarding)),
        ]
        self._devices = self._silent_devices(onboarding)
        looks = list(self._looks(onboarding))
        steps = [*file_steps, *peer_steps]
        _take(file_steps, ctx)
        not_looked_for = [one for look in looks for one in look.unknown]
        if setup:
            not_looked_for.append(INFLUXDB_TOKEN_UNKNOWN.unknown())
        if onboarding:
            not_looked_for += onboarding.problems
        self._publish(ctx, steps, certificate, restarts, not_looked_for)
        ctx.notify.ready()
        while not ctx.stop.wait(0):
            _take(peer_steps, ctx)
            observed = _observed(looks, ctx)
            if setup and setup.unknown_token:
                observed.append(INFLUXDB_TOKEN_UNKNOWN.found(setup.unknown_token))
            if onboarding:
                observed += onboarding.problems
            self._publish(ctx, steps, certificate, restarts, observed)
            if self._pause(ctx, onboarding, is_waiting=bool(waiting(steps))):
                break
            _take(file_steps, ctx)

    def _pause(
        self, ctx: Context, onboarding: HomeAssistantSetup | None, *, is_waiting: bool
    ) -> bool:
        """Wait until the next round, which news brings forward; return whether to stop."""
        section = self._settings.provision
        left_s = section.period_s
        if is_waiting or (onboarding and onboarding.is_settling):
            left_s = section.retry_s
        while left_s > 0:
            pause_s = min(left_s, section.retry_s) if onboarding else left_s
            if ctx.stop.wait(pause_s):
                return True
            if onboarding and onboarding.has_news:
                break
            left_s -= pause_s
        return False

    def _broker_rights(self) -> BrokerRights:
        secrets = self._settings.secrets
        dongles = (f"d2l_{device.id:012d}" for device in secrets.d2l_devices)
        announced = (*self._host.announced_as, *dongles)
        return BrokerRights(self._settings.mqtt, secrets.mqtt_users, announced)

    def _certificate(self, clock: Clock) -> TlsCertificate:
        names, software_at = self._host.names, self._host.software_at
        return TlsCertificate(self._layout, self._record, clock, names, software_at)

    def _restarts(
        self, database: Sequence[GuardedStep], onboarding: HomeAssistantSetup | None
    ) -> Iterator[ServiceRestart]:
        """Yield a step for each service that reads its files only at its start.

        Home Assistant writes to InfluxDB from its start on, so InfluxDB must know the token first.
        """
        first_wait_s = self._settings.provision.retry_s
        supervisor, record = self._peers.supervisor, self._record
        token = HomeAssistantToken(self._secrets, record, self._host.home_assistant_folder)

        def broker_files() -> str:
            return digest([*self._broker.contents(), *self._bridge.contents()])

        def doors() -> str:
            return digest([self._doors.content()])

        def has_only_default_doors() -> bool:
            return not self._doors.is_any_open and NGINX not in record.record.restarted

        yield ServiceRestart("mqtt", broker_files, supervisor, record, first_wait_s)
        yield ServiceRestart(NGINX, doors, supervisor, record, first_wait_s, has_only_default_doors)
        yield ServiceRestart(
            HOME_ASSISTANT,
            token.digest,
            supervisor,
            record,
            first_wait_s,
            token.is_in_use,
            database,
        )
        if onboarding is not None:
            yield ServiceRestart(
                HOME_ASSISTANT,
                lambda: f"{onboarding.zigbee_restart_at:.0f}",
                supervisor,
                record,
                first_wait_s,
                lambda: not onboarding.is_zigbee_restart_due,
                purpose=" for Zigbee",
                cause="the Zigbee stick does not work",
            )

    def _database(self) -> InfluxdbSetup | None:
        connect = self._peers.influxdb
        if connect is None:
            return None
        return InfluxdbSetup(self._settings.influxdb, self._secrets, connect)

    def _onboarding(self, clock: Clock) -> HomeAssistantSetup | None:
        client = self._peers.home_assistant
        if client is None:
            return None
        host = self._host
        view = HostView(host.home_assistant_folder, host.serial_adapters, clock.time)
        return HomeAssistantSetup(self._settings, client, self._secrets, self._layout, view)

    def _joining(self, onboarding: HomeAssistantSetup | None) -> Iterator[Step]:
        client, device = self._peers.home_assistant, self._host.device
        if onboarding is None or client is None or device is None:
            return
        yield ZigbeeJoining(
            self._settings.mqtt,
            replace(device, language=self._settings.home_assistant.language),
            lambda: (
                self._secrets.value(Secret.MQTT_USER),
                self._secrets.value(Secret.MQTT_PASSWORD),
            ),
            KeptLogin(client, self._layout.home_assistant_record).session,
            lambda: onboarding.has_zigbee,
            self._layout.zigbee_joining,
        )

    def _silent_devices(self, onboarding: HomeAssistantSetup | None) -> SilentDevices | None:
        if onboarding is None:
            return None
        report = partial(files.read, Path(self._settings.watchdog.state_file))
        return SilentDevices(
            onboarding.session,
            lambda: onboarding.counted_meters,
            RouterWatch(report),
            self._settings.provision.silent_after_s,
        )

    def _looks(self, onboarding: HomeAssistantSetup | None) -> Iterator[Observation]:
        connect, nginx = self._peers.influxdb, self._peers.nginx
        return observations(
            folder=self._host.home_assistant_folder,
            session=onboarding.session if onboarding else None,
            database=partial(self._connected, connect) if connect else None,
            pages=WebPages(nginx, self._secrets.login) if nginx else None,
            disk=self._host.disk,
            meters=self._meter_looks(onboarding),
        )

    def _meter_looks(self, onboarding: HomeAssistantSetup | None) -> MeterLooks | None:
        if onboarding is None or self._devices is None:
            return None
        session = onboarding.session
        return MeterLooks(
            self._devices,
            ImplausibleReadings(session, lambda: onboarding.counted_meters),
            LowBatteries(session, lambda: onboarding.counted_meters),
            BusyChannel(session),
        )

    def _connected(self, connect: Connect) -> Influxdb:
        return connect(self._secrets.value(Secret.INFLUX_TOKEN))

    def _publish(
        self,
        ctx: Context,
        steps: Sequence[GuardedStep],
        certificate: TlsCertificate,
        restarts: Sequence[ServiceRestart],
        observed: Sequence[ReportedProblem],
    ) -> None:
        """Publish metrics, status and problems, all at once: the next round may be far."""
        days_left, reasons = certificate.days_left, waiting(steps)
        metrics = ProvisionMetrics(
            certificate_days_left=None if days_left is None else round(days_left, 1),
            set_by_variables=tuple(sorted(self._settings.secrets.variables)),
            waiting=reasons,
            last_restart="; ".join(restart.last for restart in restarts if restart.last),
            reading_ages_s=self._devices.ages(ctx.clock.monotonic()) if self._devices else {},
        )
        has_supervisor = self._peers.supervisor is not None
        known = problems(reasons, self._mistakes, has_supervisor=has_supervisor)
        ctx.notify.problems([*known, *observed])
        ctx.notify.metrics(msgspec.structs.asdict(metrics))
        ctx.notify.status(status(metrics))
        ctx.notify.alive()


def _observed(looks: Sequence[Observation], ctx: Context) -> list[ReportedProblem]:
    """Return what the observations found, and report alive after each: a peer may be slow."""
    observed: list[ReportedProblem] = []
    for observation in looks:
        if ctx.stop.wait(0):
            observed += observation.unknown
            continue
        observed += observation.problems(ctx.clock.monotonic(), ctx.clock.time())
        ctx.notify.alive()
    return observed


def _guarded(*steps: Step) -> list[GuardedStep]:
    return [GuardedStep(step) for step in steps]


def _take(steps: Sequence[GuardedStep], ctx: Context) -> None:
    """Take each step, and report alive after each, because the Supervisor may be slow."""
    for step in steps:
        step.step(ctx.clock.monotonic())
        ctx.notify.alive()
        if ctx.stop.wait(0):
            return
