"""The registers of one meter, for the tests of how they are judged."""

from __future__ import annotations

from hems.workers.eesmart_d2l.energy_register import Stamp
from hems.workers.eesmart_d2l.energy_upper_bound import MeterCapacity
from hems.workers.eesmart_d2l.judge_registers_together import EnergyRegisters, JudgedRegisters

STANDARD = {"EAST": 12_300_000, "EASF01": 4_000_000, "EASF02": 8_300_000, "EASF03": 0}
HISTORIQUE = {"HCHC": 10_000_000, "HCHP": 12_239_000}
Values = dict[str, int]


class Meter:
    """Registers of a meter of 6 kVA, which `compares` each frame, one a minute, with the last."""

    def __init__(self, *frames: Values, compares: bool = True) -> None:
        self.compares = compares
        self.registers = EnergyRegisters()
        self.minute = 0
        self._last: Values = {}
        self._capacity = MeterCapacity()
        self._capacity.remember({"PCOUP": 6000})
        for values in frames:
            self.give(values)

    def give(self, values: Values, counting: str = "EASF02") -> JudgedRegisters:
        self.minute += 1
        at, last = Stamp(60.0 * self.minute, 60 * self.minute), self._last
        judged, self._last = None, values
        if self.compares and values.keys() == last.keys():
            changed = {label: value for label, value in values.items() if value != last[label]}
            judged = self.registers.go_on(changed, at, self._capacity)
        return judged or self.registers.accept(values, at, self._capacity, counting)


def grown(values: Values, by: int) -> Values:
    return values | {"EAST": values["EAST"] + by, "EASF02": values["EASF02"] + by}
