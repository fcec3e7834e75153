"""watchdog: check the internet and the services, and have balena repair what stays broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from loguru import logger

from hems.clients.balena.supervisor_api import BalenaSupervisor
from hems.clients.internet import reachability, reachability_probes
from hems.clients.internet.reachability import Probe, Reachability
from hems.errors import Unavailable
from hems.protocols.gateway import gateway_entities
from hems.protocols.gateway.watchdog_report import Internet
from hems.settings import Settings
from hems.settings.address_validation import url_address
from hems.settings.watchdog import ServiceSettings, WatchdogSettings
from hems.system import files
from hems.system.machine_id import boot_id
from hems.system.network.link_state import has_link
from hems.system.user_command_file import CommandReader
from hems.worker_runtime import Context, Step
from hems.workers.watchdog.check_rounds import CheckRounds
from hems.workers.watchdog.home_assistant_release_restart import (
    HomeAssistantReleaseCheck,
    ReleaseWaits,
)
from hems.workers.watchdog.internet_check_and_reboot import InternetCheck
from hems.workers.watchdog.reboot_backoff import RebootBackoff, record_file
from hems.workers.watchdog.requested_restarts import RequestedRestarts
from hems.workers.watchdog.restart_log_file import RestartLog
from hems.workers.watchdog.running_containers import RunningContainers
from hems.workers.watchdog.service_health_check import ServiceProbe
from hems.workers.watchdog.service_repair import ServiceRepair
from hems.workers.watchdog.wifi_repeater_time_limit import WifiRepeaterTimeLimit

# So that the probes, and a reboot after them, end within stopwaitsecs (etc/supervisord.conf).
PROBING_S = 20.0
NO_BALENA = (
    "no balena Supervisor, so nothing will be restarted: BALENA_SUPERVISOR_ADDRESS, "
    "BALENA_SUPERVISOR_API_KEY, BALENA_APP_ID and BALENA_APP_NAME are not all set; does the "
    "service have the label io.balena.features.supervisor-api?"
)


class Watchdog:
    """The worker. Without a Supervisor it only checks the internet."""

    name = "watchdog"

    def __init__(self, settings: Settings, supervisor: BalenaSupervisor | None) -> None:
        self._settings = settings
        self._supervisor = supervisor

    def run(self, ctx: Context) -> None:
        """Make every check each period until a stop is requested."""
        settings = self._settings.watchdog
        restart_log = RestartLog(Path(settings.data_directory, "restartLog.txt"), ctx.clock)
        internet = self._internet_check(restart_log, ctx.clock.monotonic)
        containers: RunningContainers | None = None
        services: list[ServiceRepair] = []
        others: list[Step] = []
        restartable: list[ServiceRepair] = []
        if self._supervisor is None:
            logger.warning(NO_BALENA)
        else:
            max_age_s = settings.period_s / 2  # so that one answer serves a round
            containers = RunningContainers(self._supervisor, ctx.clock, max_age_s)
            services = list(self._service_checks(containers, restart_log, ctx.clock.monotonic))
            others = list(self._other_checks(containers, restart_log))
            restartable = list(self._restartable(services, containers, restart_log))
        commands_file = Path(self._settings.telemetry.commands_file)
        commands = CommandReader(commands_file, gateway_entities.RESTARTS)
        rounds = CheckRounds(
            internet,
            services,
            others,
            restart_log,
            Path(settings.state_file),
            settings.period_s,
            containers,
            RequestedRestarts(commands, restartable, restart_log),
        )
        rounds.run(ctx)

    def _restartable(
        self,
        checked: Sequence[ServiceRepair],
        containers: RunningContainers,
        restart_log: RestartLog,
    ) -> Iterator[ServiceRepair]:
        """Yield the services that a person may restart: those that are checked, and others."""
        yield from checked
        wait_s = self._settings.watchdog.update_wait_s
        for name in gateway_entities.SERVICES.keys() - {service.name for service in checked}:
            settings = ServiceSettings("")
            yield ServiceRepair(name, settings, wait_s, lambda: None, containers, restart_log)

    def _internet_check(
        self, restart_log: RestartLog, monotonic: Callable[[], float]
    ) -> InternetCheck:
        settings = self._settings.watchdog
        return InternetCheck(
            internet_probe(settings, self._supervisor, monotonic),
            self._supervisor,
            RebootBackoff(
                settings.reboot_after_s,
                settings.reboot_after_max_s,
                settings.reboot_min_uptime_s,
                settings.reboot_retry_s,
                boot_id(),
            ),
            settings.reboots_forgotten_s,
            record_file(Path(settings.data_directory, "reboots.json")),
            restart_log,
        )

    def _other_checks(
        self, containers: RunningContainers, restart_log: RestartLog
    ) -> Iterator[Step]:
        settings = self._settings.watchdog
        yield restart_log
        yield WifiRepeaterTimeLimit(containers, settings.wifi_repeater_limit_s, restart_log)
        path = Path(settings.data_directory, "version.txt")
        waits = ReleaseWaits(settings.release_settle_s, settings.update_wait_s)
        yield HomeAssistantReleaseCheck(containers, path, waits, restart_log)

    def _service_checks(
        self,
        containers: RunningContainers,
        restart_log: RestartLog,
        monotonic: Callable[[], float],
    ) -> Iterator[ServiceRepair]:
        settings = self._settings.watchdog
        read_health = partial(files.read, Path(self._settings.telemetry.health_file))
        for name, service in self._settings.services.items():
            if service.probe:
                answers = url_probe(service.probe, settings.probe_timeout_s)
                probe = ServiceProbe(name, answers, read_health, monotonic)
                wait_s = settings.update_wait_s
                yield ServiceRepair(name, service, wait_s, probe, containers, restart_log)


def internet_probe(
    settings: WatchdogSettings,
    supervisor: BalenaSupervisor | None,
    monotonic: Callable[[], float],
) -> Callable[[], Reachability]:
    """Return the call that checks how much of the internet is reachable, cheapest proof first."""
    timeout_s = settings.probe_timeout_s
    proofs = reachability.proofs(settings.http_urls, timeout_s)
    if supervisor is not None:
        proofs.insert(0, Probe("VPN", partial(_require_vpn, supervisor)))
    hints = reachability.hints(settings.tcp_targets, settings.icmp_targets, timeout_s)
    return partial(reachability.run_probes, proofs, hints, has_link, PROBING_S, monotonic)


def url_probe(url: str, timeout_s: float) -> Callable[[], None]:
    """Return the call that probes one service at `url`, http:// or tcp://."""
    host_port = url_address(url, "tcp")
    if host_port is None:
        return partial(reachability_probes.reach_http, url, timeout_s)
    return partial(reachability_probes.reach_tcp, *host_port, timeout_s)


def _require_vpn(supervisor: BalenaSupervisor) -> Internet:
    if not supervisor.is_vpn_connected():
        raise Unavailable("the VPN is not connected")
    return Internet.ONLINE
