"""The steps that restart services: what each of them reads, and which needs no restart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hems.clients.balena.supervisor_api import BalenaSupervisor
from hems.worker_runtime import GuardedStep
from hems.workers.provision.home_assistant import HomeAssistantSetup
from hems.workers.provision.home_assistant_token_in_use import SERVICE as HOME_ASSISTANT
from hems.workers.provision.home_assistant_token_in_use import HomeAssistantToken
from hems.workers.provision.mqtt_bridge import BrokerBridge
from hems.workers.provision.nginx_ports_and_host_names import NginxDoors
from hems.workers.provision.password_files import BrokerPasswords
from hems.workers.provision.provision_record import ProvisionRecordFile, digest
from hems.workers.provision.service_restarts import ServiceRestart

NGINX = "nginx-reverse-proxy"


@dataclass(frozen=True)
class RestartSteps:
    """Makes the step of each service; the first attempt after a failure is `first_wait_s` later."""

    supervisor: BalenaSupervisor | None
    record: ProvisionRecordFile
    first_wait_s: float

    def of_broker(self, passwords: BrokerPasswords, bridge: BrokerBridge) -> ServiceRestart:
        """Return the step of mosquitto."""

        def files() -> str:
            return digest([*passwords.contents(), *bridge.contents()])

        return ServiceRestart("mqtt", files, self.supervisor, self.record, self.first_wait_s)

    def of_nginx(self, doors: NginxDoors) -> ServiceRestart:
        """Return the step of nginx, which may begin with the doors that it has by default."""

        def has_only_default_doors() -> bool:
            return not doors.is_any_open and NGINX not in self.record.record.restarted

        return ServiceRestart(
            NGINX,
            lambda: digest([doors.content()]),
            self.supervisor,
            self.record,
            self.first_wait_s,
            has_only_default_doors,
        )

    def of_home_assistant(
        self, token: HomeAssistantToken, database: Sequence[GuardedStep]
    ) -> ServiceRestart:
        """Return the step of Home Assistant for the token of InfluxDB.

        Home Assistant writes to InfluxDB from its start on, so InfluxDB must know the token first.
        """
        return ServiceRestart(
            HOME_ASSISTANT,
            token.digest,
            self.supervisor,
            self.record,
            self.first_wait_s,
            token.is_in_use,
            database,
        )

    def of_home_assistant_for_zigbee(self, onboarding: HomeAssistantSetup) -> ServiceRestart:
        """Return the step of Home Assistant for a Zigbee stick that only a restart helps."""
        return ServiceRestart(
            HOME_ASSISTANT,
            lambda: f"{onboarding.zigbee_restart_at:.0f}",
            self.supervisor,
            self.record,
            self.first_wait_s,
            lambda: not onboarding.is_zigbee_restart_due,
            purpose=" for Zigbee",
            cause="the Zigbee stick does not work",
        )
