"""When a device reports an attribute: what Configure Reporting sets (ZCL 2.5.7, 2.5.11)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from dev.simulator.zigbee.scheduler import Scheduler, Timer
from dev.simulator.zigbee.zcl_values import ZclValue

NEVER_S = 0xFFFF  # as longest interval: no reports
ROUNDING_S = 0.01


class AttributeKey(NamedTuple):
    """An attribute of one endpoint."""

    endpoint: int
    cluster: int
    attribute: int


@dataclass
class ReportRule:
    """Report not before `least_s`, after `most_s` (0: only changes), or a change of `change`."""

    least_s: int
    most_s: int
    change: int
    reported: ZclValue
    reported_at: float
    timer: Timer | None = None

    def is_due(self, value: ZclValue, now: float) -> bool:
        waited_s = now - self.reported_at
        if self.most_s and waited_s >= self.most_s:
            return True
        if value == self.reported or waited_s < self.least_s:
            return False
        return not value.type.is_analog or abs(value.number - self.reported.number) >= self.change


class AttributeReports:
    """The rules of a device. `value` returns an attribute's value, `send` reports it."""

    def __init__(
        self,
        scheduler: Scheduler,
        value: Callable[[AttributeKey], ZclValue],
        send: Callable[[AttributeKey], None],
    ) -> None:
        self._scheduler = scheduler
        self._value = value
        self._send = send
        self.rules: dict[AttributeKey, ReportRule] = {}

    def configure(self, key: AttributeKey, least_s: int, most_s: int, change: int) -> None:
        """Set the rule of an attribute; the present value counts as reported."""
        self._cancel(self.rules.pop(key, None))
        if most_s != NEVER_S:
            now = self._scheduler.time()
            self.rules[key] = ReportRule(least_s, most_s, change, self._value(key), now)
            self._plan(key)

    def clear(self) -> None:
        for rule in self.rules.values():
            self._cancel(rule)
        self.rules.clear()

    def changed(self, key: AttributeKey) -> None:
        """Report the attribute if that is due, otherwise once it is."""
        rule = self.rules.get(key)
        if rule is None:
            return
        if rule.is_due(self._value(key), self._scheduler.time()):
            self.report(key)
        else:
            self._plan(key)

    def report(self, key: AttributeKey) -> None:
        """Report the attribute now."""
        self._send(key)
        if rule := self.rules.get(key):
            rule.reported, rule.reported_at = self._value(key), self._scheduler.time()
            self._plan(key)

    def _plan(self, key: AttributeKey) -> None:
        """Look again at the next time at which a report can be due."""
        rule, now = self.rules[key], self._scheduler.time()
        self._cancel(rule)
        times = [rule.reported_at + rule.most_s] if rule.most_s else []
        earliest = rule.reported_at + rule.least_s
        if self._value(key) != rule.reported and earliest > now:
            times.append(earliest)
        if times:
            wait_s = max(0.0, min(times) - now) + ROUNDING_S
            rule.timer = self._scheduler.call_later(wait_s, lambda: self.changed(key))

    def _cancel(self, rule: ReportRule | None) -> None:
        if rule and rule.timer:
            rule.timer.cancel()
            rule.timer = None
