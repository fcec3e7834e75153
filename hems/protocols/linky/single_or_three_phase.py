"""Tell how many phases a meter has, and give its readings the values of these phases.

Only a three-phase meter measures phases 2 and 3. In HISTORIQUE it has ADIR1 to ADIR3 instead of
ADPS, and no IMAX (Enedis-NOI-CPT_54E, section 6.1.2). What it draws on an idle phase may be sent
as zero or empty. One reading is no proof: a value may be wrong, and all phases but one idle.
"""

from __future__ import annotations

from msgspec.structs import replace

from hems.protocols.linky.labels import OTHER_PHASES
from hems.protocols.linky.meter_reading import MeterReading
from hems.protocols.linky.payload_salvage import PAYLOAD
from hems.protocols.linky.tic_value_formats import Measurement, Quantity

PHASES = (1, 2, 3)
CURRENTS = ("IINST", "IRMS")
OVERLOAD = "ADIR1"
SIGNS = OTHER_PHASES | {OVERLOAD}
OF_THREE = OTHER_PHASES | {"SMAXSN1"}  # the D2L of a single-phase meter misuses this one

NO_CURRENT = Measurement(0, Quantity.CURRENT)
NO_POWER = Measurement(0, Quantity.APPARENT_POWER)


def lacks_imax(reading: MeterReading) -> bool:
    """Return whether the reading has the currents of HISTORIQUE, but no IMAX."""
    if "IINST1" not in reading.measurements or _is_incomplete(reading):
        return False
    imax = reading.measurements.get("IMAX")
    return "IMAX" not in reading.malformed and not (imax and imax.value)


def three_phase_values(reading: MeterReading) -> int:
    """Return how many values show that the meter has three phases."""
    measurements = reading.measurements
    if reading.is_single_phase and OVERLOAD not in measurements:
        return 0
    return sum(bool(measurements[label].value) for label in SIGNS & measurements.keys())


def of_three_phases(reading: MeterReading) -> MeterReading:
    """Return a three-phase meter's reading: an idle phase draws 0 A and 0 VA.

    A value that is malformed, or lost with a part of the payload, stays unknown.
    """
    if _is_incomplete(reading):
        return replace(reading, is_single_phase=False)
    measurements = dict(reading.measurements)
    for name in CURRENTS:
        phases = [f"{name}{phase}" for phase in PHASES]
        if not measurements.keys().isdisjoint(phases):
            measurements = dict.fromkeys(phases, NO_CURRENT) | measurements
    powers = {f"SINSTS{phase}": f"IRMS{phase}" for phase in PHASES}
    if not measurements.keys().isdisjoint(powers):
        idle = (
            power for power, current in powers.items() if measurements.get(current) == NO_CURRENT
        )
        measurements = dict.fromkeys(idle, NO_POWER) | measurements
    if measurements.keys() == reading.measurements.keys() and not reading.is_single_phase:
        return reading
    known = {label: m for label, m in measurements.items() if label not in reading.malformed}
    return replace(reading, is_single_phase=False, measurements=known)


def of_single_phase(reading: MeterReading) -> MeterReading:
    """Return a single-phase meter's reading without the values of other phases."""
    own = {label: m for label, m in reading.measurements.items() if label not in OF_THREE}
    return replace(reading, is_single_phase=True, measurements=own)


def _is_incomplete(reading: MeterReading) -> bool:
    """Return whether the payload was damaged, so that any value may be missing."""
    return PAYLOAD in reading.malformed
