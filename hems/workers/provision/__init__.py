"""provision: create what the services need (secrets, certificate), and set them up.

Each step checks, compares, and changes what differs; the worker may end anywhere and start again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from secrets import token_bytes, token_hex

import msgspec

from hems.protocols.gateway.problem_kinds import INFLUXDB_TOKEN_UNKNOWN
from hems.protocols.web import htpasswd
from hems.settings import Settings
from hems.settings.mqtt_bridge import PARTS as BRIDGE_PARTS
from hems.settings.shared_secret_rules import Secret
from hems.settings.validation_problems import SettingsProblem
from hems.supervision.worker.problem import ReportedProblem
from hems.worker_runtime import Clock, Context, GuardedStep, Step
from hems.workers.provision.broker_rights import BrokerRights
from hems.workers.provision.gateway_file_paths import GatewayFiles
from hems.workers.provision.home_assistant import HomeAssistantSetup
from hems.workers.provision.home_assistant.change_detection import HostView
from hems.workers.provision.home_assistant.login import kept_login
from hems.workers.provision.home_assistant_token_in_use import HomeAssistantToken
from hems.workers.provision.influxdb.setup import InfluxdbSetup
from hems.workers.provision.mqtt_bridge import BrokerBridge
from hems.workers.provision.nginx_ports_and_host_names import NginxDoors, VisitorNames
from hems.workers.provision.observation_round import ObservationRound
from hems.workers.provision.password_files import BrokerPasswords, NginxPassword
from hems.workers.provision.peers_and_host import Host, Peers
from hems.workers.provision.provision_metrics import ProvisionMetrics, problems, status, waiting
from hems.workers.provision.provision_record import ProvisionRecordFile
from hems.workers.provision.restart_steps import RestartSteps
from hems.workers.provision.service_restarts import ServiceRestart
from hems.workers.provision.shared_secrets import SharedSecrets
from hems.workers.provision.tls_certificate_keeper import TlsCertificate
from hems.workers.provision.zigbee_joining import ZigbeeJoining


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
        self._looks: ObservationRound | None = None
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
        self._looks = looks = ObservationRound(
            self._settings, self._peers, self._host, self._secrets, onboarding
        )
        steps = [*file_steps, *peer_steps]
        _take(file_steps, ctx)
        not_looked_for = [*looks.unknown]
        if setup:
            not_looked_for.append(INFLUXDB_TOKEN_UNKNOWN.unknown())
        if onboarding:
            not_looked_for += onboarding.problems
        self._publish(ctx, steps, certificate, restarts, not_looked_for)
        ctx.notify.ready()
        while not ctx.stop.wait(0):
            _take(peer_steps, ctx)
            observed = looks.problems(ctx)
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
        """Yield a step for each service that reads its files only at its start."""
        steps = RestartSteps(self._peers.supervisor, self._record, self._settings.provision.retry_s)
        folder = self._host.home_assistant_folder
        yield steps.of_broker(self._broker, self._bridge)
        yield steps.of_nginx(self._doors)
        token = HomeAssistantToken(self._secrets, self._record, folder)
        yield steps.of_home_assistant(token, database)
        if onboarding is not None:
            yield steps.of_home_assistant_for_zigbee(onboarding)

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
            kept_login(client, self._layout.home_assistant_record),
            lambda: onboarding.has_zigbee,
            self._layout.zigbee_joining,
        )

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
            reading_ages_s=self._looks.reading_ages(ctx.clock.monotonic()) if self._looks else {},
        )
        has_supervisor = self._peers.supervisor is not None
        known = problems(reasons, self._mistakes, has_supervisor=has_supervisor)
        ctx.notify.problems([*known, *observed])
        ctx.notify.metrics(msgspec.structs.asdict(metrics))
        ctx.notify.status(status(metrics))
        ctx.notify.alive()


def _guarded(*steps: Step) -> list[GuardedStep]:
    return [GuardedStep(step) for step in steps]


def _take(steps: Sequence[GuardedStep], ctx: Context) -> None:
    """Take each step, and report alive after each, because the Supervisor may be slow."""
    for step in steps:
        step.step(ctx.clock.monotonic())
        ctx.notify.alive()
        if ctx.stop.wait(0):
            return
