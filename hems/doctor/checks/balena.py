"""The balena Supervisor answers to our key, and every container runs."""

from __future__ import annotations

from hems.clients.balena import Access, BalenaSupervisor
from hems.clients.balena_answers import Status
from hems.doctor.finding import Finding, failed, note, ok
from hems.errors import Rejected, Unavailable
from hems.settings import Settings

BY_HAND = "wifi-repeater"  # runs while somebody wants it; the watchdog stops it
LABEL = 'the service hems needs the label io.balena.features.supervisor-api: "1"'


def look(settings: Settings) -> list[Finding]:
    balena = settings.secrets.balena
    if balena is None:
        return [note("no Supervisor is known: nothing is restarted or rebooted by itself", LABEL)]
    patience_s = settings.watchdog.supervisor_timeout_s
    access = Access(
        balena.address, balena.api_key, balena.app_id, balena.app_name, patience_s, patience_s
    )
    try:
        return judged(BalenaSupervisor(access).status())
    except Rejected as error:
        again = "push the release again, so that hems gets a key that is valid"
        return [failed(str(error), "an answer to our key", again)]
    except Unavailable as error:
        return [failed(str(error), "an answer", "on the host: systemctl restart balena-supervisor")]


def judged(status: Status) -> list[Finding]:
    """Return what the state of the device means."""
    wanted = [one for one in status.containers if one.service_name != BY_HAND]
    away = [one.service_name for one in wanted if not one.is_running]
    if away and not (status.is_applying or status.downloading):
        start = f"start it in balena's dashboard, and see its log: {away[0]}"
        return [failed(f"not running: {', '.join(away)}", "every service running", start)]
    if away or status.downloading:
        return [note(f"an update is under way: {', '.join({*away, *status.downloading})}")]
    return [ok(f"the Supervisor answers; {len(status.containers)} containers run")]
