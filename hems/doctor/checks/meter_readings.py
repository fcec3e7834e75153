"""Check that every dongle of D2L_DEVICES sends readings, and every other meter or plug."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

import msgspec

from hems.clients.mqtt.retained_messages import MqttLogin, retained
from hems.doctor import supervisord_health
from hems.doctor.check_interface import CheckContext, Finding, failed, note, ok
from hems.doctor.repair_commands import RepairCommands
from hems.errors import HemsError, ProtocolError, Unavailable
from hems.protocols.gateway.entity_states import PROVISION, ReportedProvisionMetrics
from hems.protocols.gateway.problem_kinds import DEVICE_SILENT, METER_NEVER_SEEN, METER_SILENT
from hems.protocols.gateway.unit_health_file import HealthReport
from hems.protocols.json_decoding import decode_json
from hems.protocols.linky.d2l_frames import format_id

TITLE = "readings"
CAUSES = ("mqtt_login", "units")
WAIT_S = 1.0  # retained messages come right after the subscription


class _LinkyState(msgspec.Struct):
    """The fields of a dongle's state (docs/data.md) that this check needs."""

    last_frame: str = ""
    firmware_update_wanted: bool | None = None
    date: str | msgspec.UnsetType | None = msgspec.UNSET

    @property
    def lacks_reading(self) -> bool:
        """Return whether the dongle has only sent frames without a reading."""
        return self.date is msgspec.UNSET and self.firmware_update_wanted is not None


def check(context: CheckContext) -> list[Finding]:
    settings = context.settings
    try:
        report = supervisord_health.health_report(settings)
    except Unavailable:
        report = None
    findings = [*_dongles(context, report), *others(report)]
    return findings or [
        note(
            "no meter is known",
            "for Linky meters set D2L_DEVICES=id:key:iv; add others in Home Assistant",
        )
    ]


def others(report: HealthReport | None) -> Iterator[Finding]:
    """Yield how old the newest reading of each meter besides a Linky is, as provision saw it."""
    metrics = report.metrics(PROVISION, ReportedProvisionMetrics) if report else None
    problems = report.problems if report else []
    silent = {one.subject: one for one in problems if one.name == DEVICE_SILENT.name}
    for name, age_s in (metrics.reading_ages_s if metrics else {}).items():
        if problem := silent.get(name):
            yield failed(f"{name}: {problem.found}", "a reading", problem.what_to_do)
        elif age_s is None:
            yield note(f"{name} has not sent since provision started")
        else:
            yield ok(f"{name} sent {age_s / 60:.0f} min ago")


def _dongles(context: CheckContext, report: HealthReport | None) -> list[Finding]:
    settings = context.settings
    secrets = settings.secrets
    if not secrets.d2l_devices:
        return []
    try:
        login = MqttLogin(secrets.mqtt_user, secrets.mqtt_password)
        states = retained(settings.mqtt, login, f"{settings.mqtt.base_topic}/d2l/+/state", WAIT_S)
    except HemsError:
        found = "not known: the broker does not answer"
        return [failed(found, "a reading", "see the check MQTT login")]
    newest = {topic.split("/")[-2]: state for topic, state in states.items()}
    limit_s = settings.eesmart_d2l.silent_after_s
    silent = None if report is None else silent_dongles(report)
    return [
        reading(
            name,
            newest,
            time.time(),
            limit_s,
            context.commands,
            is_listed=None if silent is None else name in silent,
        )
        for name in (format_id(device.id) for device in secrets.d2l_devices)
    ]


def silent_dongles(report: HealthReport) -> Collection[str]:
    """Return the dongles that the gateway's list of problems names as silent."""
    names = {METER_SILENT.name, METER_NEVER_SEEN.name}
    return {problem.subject for problem in report.problems if problem.name in names}


def reading(  # noqa: PLR0913
    name: str,
    states: Mapping[str, bytes],
    now: float,
    limit_s: float,
    commands: RepairCommands,
    *,
    is_listed: bool | None = None,
) -> Finding:
    """Return how old the newest reading of a dongle is at `now` (unix s).

    `is_listed` is whether the gateway's list of problems names it as silent, None without a list.
    The gateway decides when a silence is a fault: not while the router is off, for example.
    """
    expected = f"a reading within {limit_s / 60:.0f} min"
    dongle = (
        f"check the dongle: is it in the meter, on the Wi-Fi, sending to {commands.dongle_server}?"
    )
    if name not in states:
        return _silence(f"{name} has not sent yet", expected, dongle, is_listed)
    try:
        state = decode_json(states[name], _LinkyState, name)
        last_frame = state.last_frame
        age_s = now - datetime.fromisoformat(last_frame).timestamp() if last_frame else None
    except (ProtocolError, ValueError):  # ValueError: not a time
        restart = commands.supervisorctl("restart", "eesmart-d2l")
        return failed(f"{name}: its state cannot be decoded", expected, restart)
    if state.lacks_reading:
        return failed(f"{name} sends frames without a reading", expected, dongle)
    if age_s is None:
        return note(f"{name} has sent, at an unknown time: the clock was not synchronised")
    if age_s > limit_s:
        return _silence(f"{name} sent {age_s / 60:.0f} min ago", expected, dongle, is_listed)
    return ok(f"{name} sent {max(0.0, age_s):.0f} s ago")


def _silence(found: str, expected: str, advice: str, is_listed: bool | None) -> Finding:
    if is_listed is False:
        return note(f"{found}; the gateway still waits before it lists this as a problem", advice)
    return failed(found, expected, advice)
