"""Accept the readings of one meter: what is plausible is shown, the rest is held or corrected.

The clock (meter_clock.py) decides whether a reading counts at all. Each register is held at its
last good value while its new one is doubted (judge_registers_together.py), because Home Assistant
adds up whatever it gets, and never takes anything back.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from hems.protocols.linky.changed_numbers import Changed, changed_numbers
from hems.protocols.linky.labels import REGISTERS, SUPPLIER_INDEXES
from hems.protocols.linky.meter_reading import MeterReading
from hems.protocols.linky.tic_value_formats import Measurement
from hems.workers.eesmart_d2l.contract_change_confirmation import ContractTexts
from hems.workers.eesmart_d2l.energy_register import Limit, Stamp
from hems.workers.eesmart_d2l.energy_total import EnergyTotal
from hems.workers.eesmart_d2l.energy_upper_bound import RATINGS, MeterCapacity
from hems.workers.eesmart_d2l.estimated_power import EstimatedPower
from hems.workers.eesmart_d2l.judge_registers_together import EnergyRegisters, JudgedRegisters
from hems.workers.eesmart_d2l.meter_clock import MeterClock
from hems.workers.eesmart_d2l.meter_phases import MeterPhases
from hems.workers.eesmart_d2l.replace_doubted_values import Terms, cleaned_reading
from hems.workers.eesmart_d2l.retained_state import LastGood
from hems.workers.eesmart_d2l.total_source import Labels, RegisterFrame, Total, total_sources
from hems.workers.eesmart_d2l.trusted_clock import Moment

COUNTING = dict(enumerate(SUPPLIER_INDEXES, 1))  # the registers by their number in NTARF


class AcceptedReading(msgspec.Struct, frozen=True):
    """A reading to be published.

    `reading` has the last good value of each register, also where the frame's own was held or
    absent, and the confirmed ratings and texts of the contract. `changed` has its numbers that
    differ from the last accepted reading, None if more may differ. `registers` says what became of
    the frame's registers. `power_w` is the estimate, None while it is not known. `total` is the
    total of the delivery point, None while no frame has told it. `is_newer`: the reading repeats
    none of before, because its time is later, or because a register has counted. Of the first one
    the gateway's own clock has to show it.
    """

    reading: MeterReading
    changed: Changed
    registers: JudgedRegisters
    power_w: float | None
    total: Total | None
    moment: Moment
    is_newer: bool

    @property
    def is_whole(self) -> bool:
        """Return whether the meter sent registers: it sends none in short frames."""
        registers = self.registers
        return bool(registers.growth or registers.held or registers.new)


class LinkyMeter:
    """Accepts the readings of one meter, in the order in which they arrive."""

    def __init__(self) -> None:
        self._clock = MeterClock()
        self._capacity = MeterCapacity()
        self._contract = ContractTexts()
        self._terms = Terms()
        self._registers = EnergyRegisters()
        self.phases = MeterPhases()
        self._total = EnergyTotal()
        self._power = EstimatedPower()
        self._sources: Labels = ()
        self._drawn_wh = 0
        self._at = Stamp(0.0, None)  # of the last one
        self._last: MeterReading | None = None  # the last one, None if a value of it is doubted
        self._last_good: LastGood | None = None
        self._recalled_at: Stamp | None = None
        self._is_known = False

    @property
    def is_known(self) -> bool:
        """Return whether a reading of the meter was ever accepted, also before a restart."""
        return self._is_known

    @property
    def time(self) -> int | None:
        """Return the time (unix s) of its last reading, None if that is not known."""
        if self._clock.time is None and self._last_good is not None:
            return self._last_good.meter_time
        return self._clock.time

    def remember(self, last_good: LastGood) -> None:
        """Start with what was last published before a restart. Call it before `accept`."""
        self._last_good = last_good
        self._is_known = True

    def accept(self, reading: MeterReading, moment: Moment) -> AcceptedReading:
        """Check `reading`, which arrived at `moment`, and remember its plausible values.

        Raises FrameRefused if the reading's time is not plausible.
        """
        if self._last_good is not None:
            self._recall(self._last_good, moment)
        last_time = self._clock.time
        if self._clock.accept(reading, moment):
            self._power.clear()
        reading = self.phases.complete(reading)
        at = Stamp(moment.monotonic, None if reading.is_clock_degraded else reading.time)
        changed = changed_numbers(self._last, reading)
        judged = None if changed is None else self._go_on(changed, at)
        total = None
        if judged is not None:
            cleaned = self._last = reading
            sources = self._sources  # the labels are those of the last reading
            total = self._total.go_on(judged.growth, self._at, at)
        else:
            judged, cleaned = self._judge(reading, at)
            sources = total_sources(cleaned)
        total = total or self._take_total(judged, at)
        self._at = at
        drawn_wh = self._take_drawn_wh(sources, judged.growth)
        power_w = None
        if drawn_wh is not None and reading.time is not None:
            power_w = self._power.add(reading.time, drawn_wh, self._capacity.volt_amperes)
        differing = None if self._last is None else changed
        self._is_known = True
        has_past = last_time is not None or moment.wall is not None
        is_newer = (has_past and is_later(reading, last_time)) or any(
            counted > 0 for counted in judged.growth.values()
        )
        return AcceptedReading(cleaned, differing, judged, power_w, total, moment, is_newer)

    def _go_on(self, changed: Mapping[str, Measurement], at: Stamp) -> JudgedRegisters | None:
        """Return the registers if only `changed` differs, None if there may be a doubt."""
        if not changed.keys().isdisjoint(RATINGS):
            return None
        registers = {label: one.value for label, one in changed.items() if label in REGISTERS}
        return self._registers.go_on(registers, at, self._capacity)

    def _judge(self, reading: MeterReading, at: Stamp) -> tuple[JudgedRegisters, MeterReading]:
        """Return the judged registers, and the reading with confirmed values."""
        self._capacity.accept(reading, at.monotonic)
        judged = self._registers.accept(reading.indexes, at, self._capacity, _counting(reading))
        texts = self._contract.take(reading.texts, has_new_registers=judged.has_new_contract)
        terms = self._terms = self._terms.renewed(reading.mode, self._capacity.ratings, texts)
        cleaned = cleaned_reading(reading, judged.sent, judged.values, terms)
        is_settled = self._capacity.is_settled and self._contract.is_settled
        self._last = reading if cleaned is reading and is_settled else None
        return judged, cleaned

    def _recall(self, last: LastGood, moment: Moment) -> None:
        """Take over what was known before a restart, as old as it is by a trusted clock.

        While the gateway has no time, it may be of this moment.
        """
        if self._recalled_at is not None and moment.wall is None:
            return
        age_s = 0.0
        if moment.wall is not None and last.received_at is not None:
            age_s = max(0.0, moment.wall - last.received_at)
        at = Stamp(moment.monotonic - age_s, last.meter_time)
        if self._recalled_at is None:
            self._start_with(last, at)
        else:
            self._registers.date(self._recalled_at, at)
            self._total.date(self._recalled_at.monotonic, at.monotonic)
        self._recalled_at = at
        if moment.wall is not None:
            self._last_good = None

    def _start_with(self, last: LastGood, at: Stamp) -> None:
        if last.meter_time is not None:
            self._clock.remember(last.meter_time, at.monotonic)
        self._capacity.remember(last.ratings)
        self._contract.remember(last.texts)
        self._registers.remember(last.registers, at)
        if last.total is not None:
            self._total.remember(last.total, at.monotonic, last.power_w)

    def _take_total(self, judged: JudgedRegisters, at: Stamp) -> Total | None:
        """Return the total of the delivery point after the judged registers."""
        return self._total.take(
            RegisterFrame(
                values=_corrected(judged),
                held=judged.held.keys(),
                option=self._terms.texts.get("OPTARIF", ""),
                limit=Limit(at, self._capacity.energy_wh),
            )
        )

    def _take_drawn_wh(self, sources: Labels, growth: Mapping[str, int]) -> int | None:
        """Return the energy drawn since the last reading with all registers of its `sources`.

        None if this reading does not have all of them. After another contract, or a wrong value
        that was too high, the power is unknown.
        """
        counted = [growth[label] for label in sources if label in growth]
        if sources != self._sources or (counted and min(counted) < 0):
            self._sources = sources
            self._drawn_wh = 0
            self._power.clear()
        self._drawn_wh += sum(counted)
        if not sources or len(counted) < len(sources):
            return None
        drawn_wh, self._drawn_wh = self._drawn_wh, 0
        return drawn_wh


def is_later(reading: MeterReading, time: int | None) -> bool:
    """Return whether the reading is sure to be later than `time` (unix s), None if unknown."""
    if reading.time is None or reading.is_clock_degraded:
        return False
    return time is None or reading.time > time


def _corrected(judged: JudgedRegisters) -> Mapping[str, int]:
    """Return the registers that the meter sent, corrected but not held."""
    if not judged.corrected:
        return judged.sent
    return {**judged.sent, **{label: judged.values[label] for label in judged.corrected}}


def _counting(reading: MeterReading) -> str:
    """Return the label of the register that NTARF names."""
    number = reading.measurements.get("NTARF")
    return "" if number is None else COUNTING.get(number.value, "")
