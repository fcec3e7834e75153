"""Watch a running mosquitto: whether it answers, what devices send and keep, when it is saved."""

from __future__ import annotations

import json
import selectors
import signal
from contextlib import suppress
from datetime import UTC, datetime

import mqtt_packets
from announcements import Announcements
from broker_paths import BrokerPaths
from broker_process import BrokerProcess, say
from control_connection import DROPPED, HEAP, ControlConnection
from device_door import DeviceDoor
from device_limits import DeviceLimits
from device_logins import DeviceLogins
from mqtt_packets import Packet

REPORT = "$gateway/broker"
MUCH_HEAP = 30 << 20  # bytes; memory_limit in mosquitto.conf is 48 MiB
HUNG_S = 30.0  # without an answer
PING_S = 5.0
RECALL_S, AGAIN_S = 3600.0, 30.0  # between two looks at all retained messages


class BrokerWatch:
    """Call `receive` when the broker has sent something, and `tick` every second, from `now` on.

    Times are monotonic seconds.
    """

    def __init__(
        self, paths: BrokerPaths, broker: BrokerProcess, logins: DeviceLogins, now: float
    ) -> None:
        self._paths = paths
        self._broker = broker
        self._logins = logins
        self._limits = DeviceLimits(logins.rights)
        self._connection: ControlConnection | None = None
        self._announcements = Announcements(logins.rights)
        self._door = DeviceDoor(
            broker.selector, paths.device_port, paths.devices, self._announcements
        )
        self._dropped = self._report = b""
        self._recall_at = self._pinged_at = 0.0
        self._unanswered = self._unanswered_recall = 0  # pings
        self._answered_at = self._saved_at = now

    def receive(self, now: float) -> None:
        """Take what the broker has sent."""
        if self._connection is None:
            return
        try:
            for packet in self._connection.packets():
                self._take(self._connection, packet, now)
        except (OSError, ValueError):
            self._disconnect()

    def tick(self, now: float) -> bool:
        """Do what is due; return false if the broker does not answer any more."""
        self._door.tick(now)
        self._limits.expire(now)
        self._update_logins()
        try:
            self._ask(self._connected(now), now)
        except OSError:
            self._disconnect()
        if now - self._saved_at >= self._broker.store.pause_s():
            self._saved_at = now
            self._broker.signal(signal.SIGUSR1)
        return now - self._answered_at < HUNG_S

    def _take(self, connection: ControlConnection, packet: Packet, now: float) -> None:
        if packet.kind == mqtt_packets.PINGRESP:
            self._answered_at = now
            self._unanswered -= 1
            self._unanswered_recall = max(0, self._unanswered_recall - 1)
            self._paths.heartbeat.touch()
        elif packet.topic == DROPPED:
            if packet.payload != self._dropped:
                self._dropped = packet.payload
                self._recall_soon(now)
        elif packet.topic == HEAP:
            if int(packet.payload) > MUCH_HEAP:
                self._door.end_slow()
        elif packet.kind == mqtt_packets.PUBLISH:
            self._count(connection, packet, now)

    def _count(self, connection: ControlConnection, packet: Packet, now: float) -> None:
        """Count what a device sent or keeps; remove what is too much, and shut out who sends it."""
        self._announcements.note(packet.topic, packet.payload, is_kept=packet.is_retained)
        is_old = packet.is_retained and self._unanswered_recall > 0  # published before
        is_too_much = self._limits.message(
            packet.topic,
            len(packet.payload),
            now,
            is_kept=packet.is_retained,
            is_sent=not is_old,
            properties=packet.properties,
        )
        if is_too_much:
            connection.send(mqtt_packets.retained(packet.topic))
            self._announcements.note(packet.topic, b"")
            self._recall_soon(now)
        if self._limits.newly_blocked:
            for user in self._limits.newly_blocked:
                say(f"{user} sends too much: it is shut out for ten minutes")
            self._limits.newly_blocked.clear()
            self._update_logins()

    def _update_logins(self) -> None:
        if self._logins.update(self._limits.blocked):
            if self._limits.rights is not self._logins.rights:
                self._limits.set_rights(self._logins.rights)
                self._announcements.rights = self._logins.rights
                self._recall_at = 0.0
            self._broker.signal(signal.SIGHUP)

    def _connected(self, now: float) -> ControlConnection:
        if self._connection is None:
            self._connection = ControlConnection(self._paths.control)
            self._broker.selector.register(self._connection, selectors.EVENT_READ, self.receive)
            self._recall_at, self._report = now, b""
            self._unanswered = self._unanswered_recall = 0
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            with suppress(KeyError, ValueError):
                self._broker.selector.unregister(self._connection)
            self._connection.close()
            self._connection = None

    def _ask(self, connection: ControlConnection, now: float) -> None:
        """Tell what was found, ask for an answer, and for all retained messages when it is time."""
        if now >= self._recall_at:
            self._recall_at = now + RECALL_S
            self._limits.forget_kept()
            self._announcements.forget_unheard()
            connection.recall()
            self._ping(connection, now)
            self._unanswered_recall = self._unanswered  # the answer comes after what is retained
        if (report := self._encoded_report()) != self._report:
            self._report = report
            connection.send(mqtt_packets.retained(REPORT, report))
        if now - self._pinged_at >= PING_S:
            self._ping(connection, now)

    def _ping(self, connection: ControlConnection, now: float) -> None:
        self._pinged_at = now
        self._unanswered += 1
        connection.ping()

    def _recall_soon(self, now: float) -> None:
        self._recall_at = min(self._recall_at, now + AGAIN_S)

    def _encoded_report(self) -> bytes:
        damaged_at = self._broker.store.damaged_at()
        report = {
            "refused_logins": self._door.addresses.refused,  # since the start, by address
            "shut_out": sorted(self._limits.blocked),
            "trimmed": sorted(self._limits.cleared),
            "refused_announcements": self._announcements.refused,
            "store_damaged_at": damaged_at
            and datetime.fromtimestamp(damaged_at, UTC).isoformat(timespec="seconds"),
        }
        return json.dumps(report, separators=(",", ":")).encode()
