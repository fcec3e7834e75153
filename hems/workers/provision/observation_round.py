"""Everything that provision looks for besides its steps, in the order of one round."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from hems.clients.influxdb.api import Influxdb
from hems.settings import Settings
from hems.settings.shared_secret_rules import Secret
from hems.supervision.worker.problem import ReportedProblem
from hems.system import files
from hems.system.network.last_home_router_outage import LastRouterOutage
from hems.worker_runtime import Context
from hems.workers.provision.home_assistant import HomeAssistantSetup
from hems.workers.provision.influxdb.setup import Connect
from hems.workers.provision.observations import MeterLooks, observations
from hems.workers.provision.observations.busy_channel import BusyChannel
from hems.workers.provision.observations.implausible_energy_correction import ImplausibleReadings
from hems.workers.provision.observations.low_batteries import LowBatteries
from hems.workers.provision.observations.silent_devices import SilentDevices
from hems.workers.provision.observations.web_pages import WebPages
from hems.workers.provision.peers_and_host import Host, Peers
from hems.workers.provision.shared_secrets import SharedSecrets


class ObservationRound:
    """The observations of the peers that there are; `onboarding` sets up Home Assistant."""

    def __init__(
        self,
        settings: Settings,
        peers: Peers,
        host: Host,
        secrets: SharedSecrets,
        onboarding: HomeAssistantSetup | None,
    ) -> None:
        self._settings = settings
        self._secrets = secrets
        self._devices: SilentDevices | None = None
        connect, nginx = peers.influxdb, peers.nginx
        self._observations = tuple(
            observations(
                folder=host.home_assistant_folder,
                session=onboarding.session if onboarding else None,
                database=partial(self._connected, connect) if connect else None,
                pages=WebPages(nginx, secrets.login) if nginx else None,
                disk=host.disk,
                meters=self._meters(onboarding) if onboarding else None,
            )
        )

    @property
    def unknown(self) -> tuple[ReportedProblem, ...]:
        """Return that nothing is known yet of any problem."""
        return tuple(one for observation in self._observations for one in observation.unknown)

    def reading_ages(self, now: float) -> dict[str, float | None]:
        """Return the age (s) of each device's newest reading at monotonic `now` (s)."""
        return self._devices.ages(now) if self._devices else {}

    def problems(self, ctx: Context) -> list[ReportedProblem]:
        """Return what the observations found, and report alive after each: a peer may be slow."""
        observed: list[ReportedProblem] = []
        for observation in self._observations:
            if ctx.stop.wait(0):
                observed += observation.unknown
                continue
            observed += observation.problems(ctx.clock.monotonic(), ctx.clock.time())
            ctx.notify.alive()
        return observed

    def _meters(self, onboarding: HomeAssistantSetup) -> MeterLooks:
        session, section = onboarding.session, self._settings
        report = partial(files.read, Path(section.watchdog.state_file))
        self._devices = SilentDevices(
            session,
            lambda: onboarding.counted_meters,
            LastRouterOutage(report),
            section.provision.silent_after_s,
        )
        return MeterLooks(
            self._devices,
            ImplausibleReadings(session, lambda: onboarding.counted_meters),
            LowBatteries(session, lambda: onboarding.counted_meters),
            BusyChannel(session),
        )

    def _connected(self, connect: Connect) -> Influxdb:
        return connect(self._secrets.value(Secret.INFLUX_TOKEN))
