"""When a device reports an attribute: what Configure Reporting sets (ZCL 2.5.7, 2.5.11)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from dev.simulator.zigbee.scheduler_interface import Scheduler, Timer
from dev.simulator.zigbee.zcl_values import ZclValue

NEVER_S = 0xFFFF  # as longest interval: no reports
ROUNDING_S = 0.01


class AttributeKey(NamedTuple):
    """An attribute of one endpoint."""

    endpoint: int
    cluster: int
    attribute: int


@dataclass
class ReportingConfiguration:
    """Report a change of `reportable_change`, but not before `min_interval_s`.

    Report without a change after `max_interval_s`, unless that is 0.
    """

    min_interval_s: int
    max_interval_s: int
    reportable_change: int
    reported: ZclValue
    reported_at: float
    timer: Timer | None = None

    def is_due(self, value: ZclValue, now: float) -> bool:
        waited_s = now - self.reported_at
        if self.max_interval_s and waited_s >= self.max_interval_s:
            return True
        if value == self.reported or waited_s < self.min_interval_s:
            return False
        if not value.type.is_analog:
            return True
        return abs(value.number - self.reported.number) >= self.reportable_change


class AttributeReports:
    """The reporting configurations of a device.

    `value` returns an attribute's value, `send` reports it.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        value: Callable[[AttributeKey], ZclValue],
        send: Callable[[AttributeKey], None],
    ) -> None:
        self._scheduler = scheduler
        self._value = value
        self._send = send
        self.configurations: dict[AttributeKey, ReportingConfiguration] = {}

    def configure(
        self, key: AttributeKey, min_interval_s: int, max_interval_s: int, reportable_change: int
    ) -> None:
        """Configure the reports of an attribute; the present value counts as reported."""
        self._cancel(self.configurations.pop(key, None))
        if max_interval_s != NEVER_S:
            now = self._scheduler.time()
            self.configurations[key] = ReportingConfiguration(
                min_interval_s, max_interval_s, reportable_change, self._value(key), now
            )
            self._plan(key)

    def clear(self) -> None:
        for configuration in self.configurations.values():
            self._cancel(configuration)
        self.configurations.clear()

    def changed(self, key: AttributeKey) -> None:
        """Report the attribute if that is due, otherwise once it is."""
        configuration = self.configurations.get(key)
        if configuration is None:
            return
        if configuration.is_due(self._value(key), self._scheduler.time()):
            self.report(key)
        else:
            self._plan(key)

    def report(self, key: AttributeKey) -> None:
        """Report the attribute now."""
        self._send(key)
        if configuration := self.configurations.get(key):
            configuration.reported = self._value(key)
            configuration.reported_at = self._scheduler.time()
            self._plan(key)

    def _plan(self, key: AttributeKey) -> None:
        """Look again at the next time at which a report can be due."""
        configuration, now = self.configurations[key], self._scheduler.time()
        self._cancel(configuration)
        times = []
        if configuration.max_interval_s:
            times.append(configuration.reported_at + configuration.max_interval_s)
        earliest = configuration.reported_at + configuration.min_interval_s
        if self._value(key) != configuration.reported and earliest > now:
            times.append(earliest)
        if times:
            wait_s = max(0.0, min(times) - now) + ROUNDING_S
            configuration.timer = self._scheduler.call_later(wait_s, lambda: self.changed(key))

    def _cancel(self, configuration: ReportingConfiguration | None) -> None:
        if configuration and configuration.timer:
            configuration.timer.cancel()
            configuration.timer = None
