"""Judge all energy registers of one frame together.

Each register is judged by its own past (energy_register.py) and by the others of the frame
(doubted_registers.py, register_redundancy.py). The registers of a contract that ended are
dropped once those of its successor count.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from hems.protocols.linky.labels import OPTION_INDEXES
from hems.workers.eesmart_d2l.doubted_registers import (
    COPY_STEP_S,
    capacity_limits,
    frame_doubts,
)
from hems.workers.eesmart_d2l.energy_register import (
    FIRST_VALUES,
    LONG_S,
    ROLL_OVER,
    Doubt,
    EnergyRegister,
    Limit,
    Stamp,
)
from hems.workers.eesmart_d2l.energy_upper_bound import MeterCapacity
from hems.workers.eesmart_d2l.register_redundancy import ROUNDING_WH, Proof, RegisterRedundancy

# The registers that one contract uses, by label; those of STANDARD are one group.
GROUPS = {label: option for option, labels in OPTION_INDEXES.items() for label in labels}


class _DoubtedValue(NamedTuple):
    label: str
    value: int
    limit: Limit
    doubt: Doubt | None


class JudgedRegisters(msgspec.Struct):
    """The registers after one frame.

    `sent`: the values that the frame carried.
    `values`: the last good value of each, also of those that the frame did not carry.
    `growth`: what each register counted since its last good value, for those that the frame
    carried and that were accepted or corrected. Negative when a wrong value was too high.
    `held`, `corrected`: the reason, in words, by label. `new`: the labels whose first value waits
    for a second one. `begun`: the first values that this frame has confirmed. They are shown once,
    so that what a register has counted since then is seen.
    `has_new_contract`: the registers of another contract have replaced the old ones.
    """

    sent: Mapping[str, int]
    values: dict[str, int] = msgspec.field(default_factory=dict)
    growth: dict[str, int] = msgspec.field(default_factory=dict)
    held: dict[str, str] = msgspec.field(default_factory=dict)
    corrected: dict[str, str] = msgspec.field(default_factory=dict)
    new: set[str] = msgspec.field(default_factory=set)
    begun: dict[str, int] = msgspec.field(default_factory=dict)
    has_new_contract: bool = False


class EnergyRegisters:
    """The registers of one meter."""

    def __init__(self) -> None:
        self._registers: dict[str, EnergyRegister] = {}
        self._redundancy = RegisterRedundancy()
        self._newest: dict[str, int] = {}  # of the last frame, if it raised no doubt
        self._no_growth: dict[str, int] = {}  # of the same registers
        self._at = Stamp(0.0, None)

    def remember(self, values: Mapping[str, int], at: Stamp) -> None:
        """Start with the last good values before a restart, of the time `at`."""
        self._registers = {label: EnergyRegister(value, at) for label, value in values.items()}
        self._redundancy.learn(values, values)

    def date(self, before: Stamp, at: Stamp) -> None:
        """Give the registers that have a value of the time `before` the time `at` instead."""
        for register in self._registers.values():
            if register.at is before:
                register.at = at

    def accept(
        self, new: Mapping[str, int], at: Stamp, capacity: MeterCapacity, counting: str
    ) -> JudgedRegisters:
        """Judge the values `new` of a frame of the time `at`.

        `counting` is the label of the register that NTARF names.
        """
        judged = self._judged(new, at, capacity, counting)
        is_calm = judged.growth.keys() == judged.values.keys() == self._registers.keys()
        is_calm &= not judged.corrected and not judged.begun
        self._newest = judged.values if is_calm else {}
        self._no_growth = dict.fromkeys(self._newest, 0)
        self._at = at
        return judged

    def go_on(
        self, changed: dict[str, int], at: Stamp, capacity: MeterCapacity
    ) -> JudgedRegisters | None:
        """Accept a frame of which only the registers `changed` differ from the frame before.

        Return None if there may be a doubt: `accept` then judges the frame. Nearly all frames have
        no more growth than in a minute, and raise none. What this accepts, `accept` accepts too.
        """
        last, seconds = self._newest, at.seconds_since(self._at)
        if not last or seconds > LONG_S:
            return None
        most = capacity.energy_wh(min(seconds, COPY_STEP_S))
        growth = {}
        for label, value in changed.items():
            before = last[label]
            if not before < value <= before + most or value >= ROLL_OVER:
                return None
            growth[label] = value - before
        if not self._redundancy.continues(growth):
            return None
        registers = self._registers
        for label, value in changed.items():
            registers[label].go_on(value, at)
        values = self._newest = last | changed
        self._at = at
        return JudgedRegisters(values, values, self._no_growth | growth)

    def _judged(
        self, new: Mapping[str, int], at: Stamp, capacity: MeterCapacity, counting: str
    ) -> JudgedRegisters:
        if self._newest:  # all were read at the same time
            for register in self._registers.values():
                register.at = self._at
        limits = capacity_limits(new, at, capacity)
        good = self._good()
        doubts = frame_doubts(self._registers, new, good, limits)
        proof = self._redundancy.prove(good, new, doubts.keys(), counting)
        judged = JudgedRegisters(new)
        for label, value in new.items():
            register = self._registers.setdefault(label, EnergyRegister())
            own_proof = proof if proof is not None and proof.label == label else None
            doubt = doubts.get(label)
            if doubt is None and own_proof is None:
                judged.growth[label] = register.accept(value, at)
            else:
                self._settle(
                    register, _DoubtedValue(label, value, limits[label], doubt), own_proof, judged
                )
        judged.has_new_contract = self._drop_old_contract(new, judged.growth)
        counted = {
            label: value
            for label, value in self._good().items()
            if value or label not in judged.held  # it may never have counted: no first value
        }
        self._redundancy.learn(counted, judged.growth)
        judged.values = counted | judged.begun
        return judged

    def _good(self) -> dict[str, int]:
        registers = self._registers.items()
        return {label: one.value for label, one in registers if one.value is not None}

    def _settle(
        self,
        register: EnergyRegister,
        doubted: _DoubtedValue,
        proof: Proof | None,
        judged: JudgedRegisters,
    ) -> None:
        """Accept, correct or hold a value that is doubted, or disproved by other registers."""
        label, value, limit, doubt = doubted
        if proof is not None and abs(value - proof.value % ROLL_OVER) <= ROUNDING_WH:
            judged.growth[label] = register.accept(value, limit.at)
            return
        is_first = register.value is None
        counted = None if doubt is None else register.confirm(value, limit, doubt)
        if counted is not None:
            judged.growth[label] = counted
            if is_first and counted and (first := (value - counted) % ROLL_OVER):
                judged.begun[label] = first
            if doubt not in FIRST_VALUES:
                self._redundancy.forget()
        elif proof is not None and register.doubt(proof.value, limit) is None:
            judged.growth[label] = register.correct(proof.value, limit.at)
            judged.corrected[label] = f"{value} found, the other registers prove {proof.value}"
        elif doubt in FIRST_VALUES:
            judged.new.add(label)
        elif doubt is not None:
            judged.held[label] = doubt.reason
        else:
            judged.growth[label] = register.accept(value, limit.at)

    def _drop_old_contract(self, new: Mapping[str, int], growth: Mapping[str, int]) -> bool:
        """Drop the registers of contracts that the frame no longer has; return if there are any."""
        registers = self._registers
        if not any(registers[label].value for label in growth):
            return False
        groups = {GROUPS.get(label) for label, value in new.items() if value}  # unused: zero
        old = [label for label in registers if GROUPS.get(label) not in groups]
        dropped = [registers.pop(label) for label in old]
        return any(register.value is not None for register in dropped)
