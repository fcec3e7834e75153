"""provision: makes what the services need (secrets, certificate) and sets them up.

Every step looks, compares, and changes what differs; the whole may end anywhere and begin again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from secrets import token_bytes, token_hex

import msgspec

from hems.runtime import Clock, Context, Guarded, Step
from hems.settings import Settings
from hems.settings.logins import Secret
from hems.workers.provision.bridge import BrokerBridge
from hems.workers.provision.certificate import Certificate
from hems.workers.provision.figures import Figures, status, waiting
from hems.workers.provision.home_assistant import HomeAssistantSetup
from hems.workers.provision.influxdb import InfluxdbReady
from hems.workers.provision.layout import Layout
from hems.workers.provision.machine import Machine
from hems.workers.provision.notebook import Notebook
from hems.workers.provision.passwords import BrokerPasswords, NginxPassword
from hems.workers.provision.peers import Peers
from hems.workers.provision.restarts import Restart, digest
from hems.workers.provision.shared_secrets import Secrets


class Provision:
    """The worker. Owners are set when `sets_owner`: only root can."""

    name = "provision"

    def __init__(
        self, settings: Settings, peers: Peers, machine: Machine, *, sets_owner: bool
    ) -> None:
        own = settings.provision
        data = Path(own.data_directory)
        layout = self._layout = Layout(Path(own.gateway_directory), data, sets_owner)
        given = settings.secrets.given
        self._settings = settings
        self._supervisor = peers.supervisor
        self._influxdb = peers.influxdb
        self._home_assistant = peers.home_assistant
        self._machine = machine
        self._waiting_since: float | None = None
        self._notebook = Notebook(layout.notebook, layout.private())
        self._secrets = Secrets(layout, given, token_hex)
        others = settings.secrets.mqtt_users
        self._broker = BrokerPasswords(layout, self._secrets, settings.mqtt, others, token_bytes)
        central = settings.secrets.central_broker
        self._bridge = BrokerBridge(layout, settings.mqtt_bridge, central, machine.host_name)

    def run(self, ctx: Context) -> None:
        """Look at everything, again and again, until told to stop.

        Ready once all files were looked at: who waits for us may start then, even if some could
        not be made. Services are restarted after that, which may take long.
        """
        certificate = self._certificate(ctx.clock)
        nginx = NginxPassword(self._layout, self._secrets, token_bytes)
        database = _guarded(*self._database())
        restarts = list(self._restarts(database))
        made = _guarded(self._secrets, self._broker, self._bridge, nginx, certificate)
        asked = [*database, *_guarded(*restarts, *self._onboarding(), self._notebook)]
        _take(made, ctx)
        self._tell(ctx, [*made, *asked], certificate, restarts)
        ctx.notify.ready()
        while not ctx.stop.wait(0):
            _take(asked, ctx)
            self._tell(ctx, [*made, *asked], certificate, restarts)
            own = self._settings.provision
            if ctx.stop.wait(own.retry_s if waiting([*made, *asked]) else own.period_s):
                break
            _take(made, ctx)

    def _certificate(self, clock: Clock) -> Certificate:
        names, software_at = self._machine.names, self._machine.software_at
        return Certificate(self._layout, self._notebook, clock, names, software_at)

    def _restarts(self, database: Sequence[Guarded]) -> Iterator[Restart]:
        """Yield the services that read their files only when they start.

        Home Assistant writes from its start on, so the database has to know the token by then.
        """
        secrets, first_wait_s = self._secrets, self._settings.provision.retry_s

        def token() -> str:
            return digest([secrets.value(Secret.INFLUX_TOKEN).encode()])

        def broker() -> str:
            return digest([*self._broker.contents(), *self._bridge.contents()])

        def has_token() -> bool:
            return secrets.is_given(Secret.INFLUX_TOKEN)

        yield Restart("mqtt", broker, self._supervisor, self._notebook, first_wait_s)
        yield Restart(
            "homeassistant",
            token,
            self._supervisor,
            self._notebook,
            first_wait_s,
            has_token,
            database,
        )

    def _database(self) -> Iterator[Step]:
        if self._influxdb is not None:
            yield InfluxdbReady(self._settings.influxdb, self._secrets, self._influxdb)

    def _onboarding(self) -> Iterator[Step]:
        if self._home_assistant is not None:
            yield HomeAssistantSetup(
                self._settings, self._home_assistant, self._secrets, self._layout
            )

    def _tell(
        self,
        ctx: Context,
        steps: Sequence[Guarded],
        certificate: Certificate,
        restarts: Sequence[Restart],
    ) -> None:
        days_left, waits = certificate.days_left, waiting(steps)
        if not waits:
            self._waiting_since = None
        elif self._waiting_since is None:
            self._waiting_since = ctx.clock.monotonic()
        told = Figures(
            certificate_days_left=None if days_left is None else round(days_left, 1),
            given=tuple(sorted(self._settings.secrets.given)),
            waiting=waits,
            waiting_since=self._waiting_since,
            last_restart="; ".join(one.last for one in restarts if one.last),
            has_supervisor=self._supervisor is not None,
        )
        ctx.notify.status(status(told))
        ctx.notify.state(msgspec.structs.asdict(told))


def _guarded(*steps: Step) -> list[Guarded]:
    return [Guarded(one) for one in steps]


def _take(steps: Sequence[Guarded], ctx: Context) -> None:
    """Take each step; alive after each, as one may wait for the Supervisor."""
    for step in steps:
        step.step(ctx.clock.monotonic())
        ctx.notify.alive()
        if ctx.stop.wait(0):
            return
