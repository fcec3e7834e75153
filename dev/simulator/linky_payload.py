"""Build the values that a D2L sends for a simulated Linky, as strings by label.

Both modes have the keys, the padding and the oddities of real meters: indexes have leading zeros,
tariff names are padded, unused registers are empty or zeros as in tests/data, dates inside values
are cut to the hour. Names and units: Enedis-NOI-CPT_54E.
"""

from __future__ import annotations

from dev.simulator.household import DatedWatts, HouseholdReading
from dev.simulator.linky_tariff_announcements import (
    announcements,
    horodate,
    peaks,
    status,
    tomorrow,
)
from dev.simulator.linky_variants import MeterKind
from hems.protocols.linky.d2l_frames import CLOCK_EPOCH, format_id

POWER_FACTOR = 0.95
VOLTS = 233
REFERENCE_KVA, MAIN_FUSE_A, CONTRACT_A = 6, 90, 30
FIRMWARE = "Feb 12 2020-16:14:22"
EMPTY_DATED = "|"
ZEROS = "0" * 9
PHASES = (1, 2, 3)
SHARES = (0.7, 0.3, 0.0)  # of each phase; the third is idle
HISTORIQUE_LABELS = (
    *("BASE", "HCHC", "HCHP", "BBRHCJB", "BBRHCJR", "BBRHCJW", "BBRHPJB", "BBRHPJR", "BBRHPJW"),
    *("EJPHN", "EJPHPM"),
)


def values(
    kind: MeterKind, device_id: int, reading: HouseholdReading, clock: int
) -> dict[str, str]:
    """Return the values of a PUSH_JSON frame; the meter's clock shows `clock` (unix s)."""
    mode = "STANDARD" if kind.is_standard else "HISTORIQUE"
    dongle = {"_TYPE_TRAME": mode, "_ID_D2L": format_id(device_id), "_DATE_FIRMWARE": FIRMWARE}
    of_mode = standard if kind.is_standard else historique
    return dongle | of_mode(kind, device_id, reading, clock)


def historique(
    kind: MeterKind, device_id: int, reading: HouseholdReading, clock: int
) -> dict[str, str]:
    """Return the values of a HISTORIQUE meter."""
    calendar = kind.calendar
    registers = zip(calendar.labels, reading.registers_wh, strict=True)
    amperes = _amperes_by_phase(kind, reading)
    return {
        "ADCO": _serial(device_id),
        "OPTARIF": calendar.optarif,
        "ISOUSC": f"{CONTRACT_A:02d}",
        "IMAX": "" if kind.is_three_phase else f"{MAIN_FUSE_A:03d}",
        **dict.fromkeys(HISTORIQUE_LABELS, ""),
        **{label: f"{wh:09d}" for label, wh in registers},
        "PTEC": calendar.periods[reading.index - 1],
        **dict.fromkeys(("ADIR1", "ADIR2", "ADIR3"), ""),
        **{f"IINST{phase}": str(amperes.get(phase, 0)) for phase in PHASES},
        **announcements(calendar, reading),
        "_HORLOGE": str(clock - CLOCK_EPOCH),
    }


def standard(
    kind: MeterKind, device_id: int, reading: HouseholdReading, clock: int
) -> dict[str, str]:
    """Return the values of a STANDARD meter."""
    calendar = kind.calendar
    total_wh = sum(reading.registers_wh)
    registers = {n: f"{wh:09d}" for n, wh in enumerate(reading.registers_wh, 1)}
    distributors = registers if len(registers) <= 4 else {1: f"{total_wh:09d}"}
    is_closed = calendar.is_closed(reading.index)
    return {
        "ADSC": _serial(device_id),
        "VTIC": "02",
        "DATE": horodate(clock),
        "NGTF": calendar.ngtf,
        "LTARF": calendar.names[reading.index - 1],
        "EAST": f"{total_wh:09d}",
        **{f"EASF{n:02d}": registers.get(n, ZEROS) for n in range(1, 11)},
        **{f"EASD{n:02d}": distributors.get(n, ZEROS) for n in range(1, 5)},
        **_injection(kind, reading),
        **_phases(kind, reading),
        "PREF": f"{REFERENCE_KVA:02d}",
        "PCOUP": f"{REFERENCE_KVA:02d}",
        "SINSTS": f"{volt_amperes(reading.imported.watts):05d}",
        **_imported(kind, reading),
        "STGE": status(kind, reading),
        **peaks(calendar, reading),
        "MSG1": "PAS DE          MESSAGE         ",
        "MSG2": "",
        "PRM": f"{device_id:014d}",
        "RELAIS": f"{is_closed:03d}",
        "NTARF": f"{reading.index:02d}",
        "NJOURF": "00",
        "NJOURF+1": "00",
        "PJOURF+1": tomorrow(calendar, reading.unix_time),
    }


def _injection(kind: MeterKind, reading: HouseholdReading) -> dict[str, str]:
    """Return what only a producer's meter fills."""
    reactive = ("ERQ1", "ERQ2", "ERQ3", "ERQ4")
    if not kind.solar_w:
        empty = ("EAIT", "SINSTI", "SMAXIN-1", "CCAIN-1", *reactive)
        return dict.fromkeys(empty, "") | dict.fromkeys(("SMAXIN", "CCAIN"), EMPTY_DATED)
    injected = reading.injected
    newest, before = injected.intervals
    return {
        "EAIT": f"{reading.injected_wh:09d}",
        **dict.fromkeys(reactive, ZEROS),
        "SINSTI": f"{volt_amperes(injected.watts):05d}",
        "SMAXIN": _highest(injected.today),
        "SMAXIN-1": _highest(injected.yesterday),
        "CCAIN": _dated(newest.unix_time, f"{newest.watts:05d}"),
        "CCAIN-1": _dated(before.unix_time, f"{before.watts:05d}"),
    }


def _imported(kind: MeterKind, reading: HouseholdReading) -> dict[str, str]:
    """Return the highest powers and the load curve.

    On a single-phase meter SMAXSN1 is yesterday's maximum and SMAXSN-1 is empty.
    """
    today, yesterday = reading.imported.today, reading.imported.yesterday
    newest, before = reading.imported.intervals
    highest = {
        "SMAXSN": _highest(today),
        "SMAXSN1": _highest(yesterday),
        **dict.fromkeys(("SMAXSN2", "SMAXSN3"), EMPTY_DATED),
        **dict.fromkeys(("SMAXSN-1", "SMAXSN1-1", "SMAXSN2-1", "SMAXSN3-1"), ""),
    }
    if kind.is_three_phase:
        highest["SMAXSN-1"] = _highest(yesterday)
        for phase, share in zip(PHASES, SHARES, strict=True):
            highest[f"SMAXSN{phase}"] = _highest(today, share)
            highest[f"SMAXSN{phase}-1"] = _highest(yesterday, share)
    return {
        **highest,
        "CCASN": _dated(newest.unix_time, f"{newest.watts:05d}"),
        "CCASN-1": _dated(before.unix_time, f"{before.watts:05d}"),
    }


def _phases(kind: MeterKind, reading: HouseholdReading) -> dict[str, str]:
    """Return current, voltage, mean voltage and power of each phase."""
    amperes = _amperes_by_phase(kind, reading)
    values: dict[str, str] = {}
    for phase, share in zip(PHASES, SHARES, strict=True):
        is_used = phase in amperes
        power_va = round(share * volt_amperes(reading.imported.watts))
        values |= {
            f"IRMS{phase}": f"{amperes[phase]:03d}" if is_used else "",
            f"URMS{phase}": f"{VOLTS:03d}" if is_used else "",
            f"UMOY{phase}": _dated(reading.unix_time, f"{VOLTS:03d}") if is_used else EMPTY_DATED,
            f"SINST{phase}": f"{power_va:05d}" if kind.is_three_phase else "",
        }
    return values


def _amperes_by_phase(kind: MeterKind, reading: HouseholdReading) -> dict[int, int]:
    """Return the current of each phase that the meter has; exported current counts too."""
    amperes = volt_amperes(reading.imported.watts + reading.injected.watts) / VOLTS
    if not kind.is_three_phase:
        return {1: round(amperes)}
    return {phase: round(share * amperes) for phase, share in zip(PHASES, SHARES, strict=True)}


def _highest(power: DatedWatts, share: float = 1.0) -> str:
    return _dated(power.unix_time, f"{round(share * volt_amperes(power.watts)):05d}")


def _dated(unix_time: int, digits: str) -> str:
    return f"{horodate(unix_time)[:9]}|{digits}"


def volt_amperes(watts: int) -> int:
    return round(watts / POWER_FACTOR)


def _serial(device_id: int) -> str:
    return f"{device_id % 10**6:012d}"
