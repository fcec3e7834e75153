"""Check that the balena Supervisor accepts our API key and that every container runs."""

from __future__ import annotations

from hems import peer_clients
from hems.clients.balena.supervisor_responses import ApplicationState, DeviceStatus
from hems.doctor.check_interface import CheckContext, Finding, failed, note, ok
from hems.doctor.repair_commands import RepairCommands
from hems.errors import Rejected, Unavailable

TITLE = "balena"
CAUSES = ("settings",)
ON_DEMAND = "wifi-repeater"  # an operator starts it, the watchdog stops it
LABEL = 'give the service hems the label io.balena.features.supervisor-api: "1"'


def check(context: CheckContext) -> list[Finding]:
    commands = context.commands
    supervisor = peer_clients.balena_supervisor(context.settings)
    if supervisor is None:
        return [note("no balena Supervisor: nothing restarts or reboots automatically", LABEL)]
    try:
        status, application = supervisor.status(), supervisor.application()
        findings = containers(status, commands)
        balena = context.settings.secrets.balena
        return [*findings, *wanted_release(application, balena.app_id if balena else None)]
    except Rejected as error:
        return [failed(str(error), "the Supervisor accepts our API key", commands.deploy)]
    except Unavailable as error:
        return [failed(str(error), "an answer", commands.restart_balena)]


def wanted_release(application: ApplicationState, app_id: int | None) -> list[Finding]:
    """Return what is wrong with the release that balena wants; `app_id` is BALENA_APP_ID."""
    findings = []
    if application.is_rejected:
        found = "the device rejects the new release, so the old one keeps running"
        advice = "push a release whose requirements (balena.yml, contract) this device meets"
        findings.append(failed(found, "a release that the device accepts", advice))
    if application.app_id not in {None, app_id}:
        found = f"BALENA_APP_ID is {app_id}, but the application's id is {application.app_id}"
        advice = "remove the variable BALENA_APP_ID: balena sets it"
        findings.append(failed(found, "the id of this application", advice))
    return findings


def containers(status: DeviceStatus, commands: RepairCommands) -> list[Finding]:
    """Return whether every container runs, or an update explains why one does not."""
    wanted = [container for container in status.containers if container.service_name != ON_DEMAND]
    stopped = [container.service_name for container in wanted if not container.is_running]
    if stopped and not (status.is_applying or status.downloading):
        log = commands.service_log(stopped[0])
        advice = f"read its log: {log}; then {commands.restart_service(stopped[0])}"
        return [failed(f"not running: {', '.join(stopped)}", "all services running", advice)]
    if stopped or status.downloading:
        updated = sorted({*stopped, *status.downloading})
        return [note(f"an update is in progress: {', '.join(updated)}")]
    return [ok(f"the Supervisor answers; {len(status.containers)} containers run")]
