"""watchdog: looks at the internet and the services, and has balena repair what stays broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from loguru import logger

from hems.clients.balena import BalenaSupervisor
from hems.runtime import Context, Step
from hems.settings import Settings
from hems.system.boot import boot_id
from hems.workers.watchdog import probes
from hems.workers.watchdog.internet import InternetCheck
from hems.workers.watchdog.reboots import Backoff
from hems.workers.watchdog.release import ReleaseRestart
from hems.workers.watchdog.restart_log import RestartLog
from hems.workers.watchdog.rounds import Rounds
from hems.workers.watchdog.services import ServiceCheck
from hems.workers.watchdog.wifi_repeater import WifiRepeater

NO_BALENA = (
    "no balena Supervisor, so nothing will be restarted: BALENA_SUPERVISOR_ADDRESS, "
    "BALENA_SUPERVISOR_API_KEY, BALENA_APP_ID and BALENA_APP_NAME are not all set; does the "
    "service have the label io.balena.features.supervisor-api?"
)


class Watchdog:
    """The worker. Without a Supervisor it only looks at the internet."""

    name = "watchdog"

    def __init__(self, settings: Settings, supervisor: BalenaSupervisor | None) -> None:
        self._settings = settings
        self._supervisor = supervisor

    def run(self, ctx: Context) -> None:
        """Go round until told to stop."""
        own = self._settings.watchdog
        journal = RestartLog(Path(own.data_directory, "restartLog.txt"), ctx.clock)
        internet = self._internet(journal, ctx.clock.monotonic)
        services: list[ServiceCheck] = []
        others: list[Step] = []
        if self._supervisor is None:
            logger.warning(NO_BALENA)
        else:
            services = list(self._services(self._supervisor, journal))
            others = list(self._others(self._supervisor, journal))
        state_file = Path(own.state_file)
        Rounds(internet, services, others, journal, state_file, own.period_s).run(ctx)

    def _internet(self, journal: RestartLog, monotonic: Callable[[], float]) -> InternetCheck:
        own = self._settings.watchdog
        backoff = Backoff(
            own.reboot_after_s,
            own.reboot_after_max_s,
            own.reboot_min_uptime_s,
            own.reboot_retry_s,
            boot_id(),
        )
        look = probes.internet(own, self._supervisor, monotonic)
        record = Path(own.data_directory, "reboots.json")
        forgotten_s = own.reboots_forgotten_s
        return InternetCheck(look, self._supervisor, backoff, forgotten_s, record, journal)

    def _others(self, supervisor: BalenaSupervisor, journal: RestartLog) -> Iterator[Step]:
        own = self._settings.watchdog
        yield journal
        yield WifiRepeater(supervisor, own.wifi_repeater_limit_s, journal)
        version = Path(own.data_directory, "version.txt")
        yield ReleaseRestart(supervisor, version, own.release_settle_s, journal)

    def _services(
        self, supervisor: BalenaSupervisor, journal: RestartLog
    ) -> Iterator[ServiceCheck]:
        own = self._settings.watchdog
        for name, service in self._settings.services.items():
            if service.probe:
                probe = probes.service(service.probe, own.probe_timeout_s)
                yield ServiceCheck(name, service, own.update_wait_s, probe, supervisor, journal)
