from dataclasses import dataclass, field

from dev.simulator.zigbee.attribute_reports import NEVER_S, AttributeKey, AttributeReports
from dev.simulator.zigbee.zcl_values import ZclType, ZclValue
from tests.fakes.scheduler import FakeScheduler

POWER, STATE = AttributeKey(1, 0x0B04, 0x050B), AttributeKey(1, 0x0006, 0)


@dataclass
class Device:
    """Two attributes; `sent` has the time of each report and its value."""

    scheduler: FakeScheduler = field(default_factory=FakeScheduler)
    sent: list[tuple[float, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.values = {POWER: ZclValue(ZclType.INT16, 0), STATE: ZclValue(ZclType.BOOL, 0)}
        self.reports = AttributeReports(self.scheduler, self.values.__getitem__, self._send)

    def change(self, key: AttributeKey, number: int) -> None:
        self.values[key] = ZclValue(self.values[key].type, number)
        self.reports.changed(key)

    def times(self) -> list[tuple[int, int]]:
        sent = [(round(at), number) for at, number in self.sent]
        self.sent.clear()
        return sent

    def _send(self, key: AttributeKey) -> None:
        self.sent.append((self.scheduler.now, self.values[key].number))


def test_without_a_configuration_nothing_is_reported() -> None:
    device = Device()
    device.change(POWER, 100)
    device.scheduler.advance(10_000)
    assert device.sent == []


def test_a_change_waits_for_the_shortest_interval() -> None:
    device = Device()
    device.reports.configure(POWER, 5, 900, 10)
    device.change(POWER, 100)
    device.change(POWER, 200)
    device.scheduler.advance(4)
    assert device.sent == []
    device.scheduler.advance(4)
    assert device.times() == [(5, 200)]
    device.scheduler.advance(10)  # second 18
    device.change(POWER, 300)
    assert device.times() == [(18, 300)]


def test_a_smaller_change_waits_for_the_longest_interval() -> None:
    device = Device()
    device.reports.configure(POWER, 5, 900, 10)
    device.change(POWER, 9)
    device.scheduler.advance(899)
    assert device.sent == []
    device.scheduler.advance(2)
    assert device.times() == [(900, 9)]
    device.change(POWER, 19)
    device.scheduler.advance(5)
    assert device.times() == [(905, 19)]


def test_an_unchanged_value_is_reported_after_the_longest_interval() -> None:
    device = Device()
    device.reports.configure(POWER, 0, 60, 1)
    device.scheduler.advance(181)
    assert device.times() == [(60, 0), (120, 0), (180, 0)]


def test_without_a_longest_interval_only_changes_are_reported() -> None:
    device = Device()
    device.reports.configure(STATE, 0, 0, 0)
    device.scheduler.advance(10_000)
    device.change(STATE, 1)
    device.change(STATE, 1)
    assert device.times() == [(10_000, 1)]


def test_a_configuration_can_be_replaced_and_removed() -> None:
    device = Device()
    device.reports.configure(POWER, 0, 60, 1)
    device.reports.configure(POWER, 0, 600, 1)
    device.scheduler.advance(601)
    assert device.times() == [(600, 0)]
    device.reports.configure(POWER, 0, NEVER_S, 1)
    assert device.reports.configurations == {}
    device.reports.configure(POWER, 0, 60, 1)
    device.reports.clear()
    device.scheduler.advance(10_000)
    assert device.sent == []


def test_a_report_to_order_counts_as_one() -> None:
    device = Device()
    device.reports.report(POWER)  # also without a configuration
    device.reports.configure(POWER, 5, 60, 1)
    device.scheduler.advance(30)
    device.reports.report(POWER)
    device.scheduler.advance(59)
    assert device.times() == [(0, 0), (30, 0)]
