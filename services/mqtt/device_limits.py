"""Bound what each login of a device keeps at the broker, and what it sends.

Mosquitto has no such limits: one device could fill the memory of the broker, and then its store.
All values are pure: time is an argument, monotonic seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from device_rights import Rights

KEPT_MESSAGES, KEPT_BYTES = 3_000, 2 << 20  # retained, of one login; a Zigbee bridge needs a third
ALL_MESSAGES, ALL_BYTES = 8_000, 12 << 20  # retained, of all logins together
SENT_MESSAGES, SENT_BYTES = 5_000, 4 << 20  # in WINDOW_S, of one login
LEVELS = 5  # of a topic; each further one, which needs about 750 bytes, counts as a message
WINDOW_S = 60.0
BLOCKED_S = 600.0
MAX_KNOWN = 10_000  # topics whose owners are remembered


@dataclass
class _Account:
    """What one login keeps, and what it has sent since `began_at`."""

    messages: int = 0
    bytes: int = 0
    began_at: float = 0.0
    sent_messages: int = 0
    sent_bytes: int = 0


@dataclass
class DeviceLimits:
    """Counts the messages of each login; a topic that several may write counts for each."""

    rights: Rights
    blocked: dict[str, float] = field(default_factory=dict)  # until when
    newly_blocked: set[str] = field(default_factory=set)
    cleared: dict[str, float] = field(default_factory=dict)  # when a message was last removed
    _kept: dict[str, int] = field(default_factory=dict)  # bytes, by topic
    _accounts: dict[str, _Account] = field(default_factory=dict)
    _writers: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def set_rights(self, rights: Rights) -> None:
        """Use other rights; `forget_kept` has to follow."""
        self.rights = rights
        self._writers.clear()

    def forget_kept(self) -> None:
        """Forget the retained messages: the broker is about to send them again."""
        self._kept.clear()
        for account in self._accounts.values():
            account.messages = account.bytes = 0

    def message(  # noqa: PLR0913 - what counts of one message
        self,
        topic: str,
        size: int,
        now: float,
        *,
        is_kept: bool,
        is_sent: bool,
        properties: int = 0,
    ) -> bool:
        """Count a message whose payload has `size` bytes, and so many bytes of properties.

        Return whether to remove it.
        `is_kept` is whether it is retained, `is_sent` whether it was published now.
        """
        writers = self._writers_of(topic)
        weight = 1 + max(0, topic.count("/") + 1 - LEVELS)
        size_with_topic = len(topic.encode()) + properties + size
        if is_sent:
            for user in writers:
                self._send(user, weight, size_with_topic, now)
        if not is_kept or not writers:
            return False
        before = self._kept.pop(topic, None)
        for user in writers:
            account = self._account(user)
            account.messages -= 0 if before is None else weight
            account.bytes -= before or 0
        if not size:
            return False
        if over := [user for user in writers if self._is_full(user, weight, size_with_topic)]:
            self.cleared |= dict.fromkeys(over, now)
            return True
        self._kept[topic] = size_with_topic
        for user in writers:
            account = self._account(user)
            account.messages += weight
            account.bytes += size_with_topic
        return False

    def expire(self, now: float) -> None:
        """Let in again whoever was blocked for long enough, and forget what was long ago."""
        self.blocked = {user: until for user, until in self.blocked.items() if until > now}
        self.cleared = {user: at for user, at in self.cleared.items() if at > now - BLOCKED_S}

    def _is_full(self, user: str, weight: int, size: int) -> bool:
        count = max(1, len(self.rights.users))
        account = self._account(user)
        is_many = account.messages + weight > min(KEPT_MESSAGES, ALL_MESSAGES // count)
        return is_many or account.bytes + size > min(KEPT_BYTES, ALL_BYTES // count)

    def _send(self, user: str, weight: int, size: int, now: float) -> None:
        account = self._account(user)
        if now - account.began_at >= WINDOW_S:
            account.began_at, account.sent_messages, account.sent_bytes = now, 0, 0
        account.sent_messages += weight
        account.sent_bytes += size
        if account.sent_messages > SENT_MESSAGES or account.sent_bytes > SENT_BYTES:
            if user not in self.blocked:
                self.newly_blocked.add(user)
            self.blocked[user] = now + BLOCKED_S

    def _account(self, user: str) -> _Account:
        return self._accounts.setdefault(user, _Account())

    def _writers_of(self, topic: str) -> Sequence[str]:
        if topic not in self._writers:
            if len(self._writers) >= MAX_KNOWN:
                self._writers.clear()
            self._writers[topic] = tuple(self.rights.writers(topic))
        return self._writers[topic]
