"""The JSON a D2L sends for a simulated single-phase Linky on an off-peak contract.

Both kinds have the keys, the padding and the oddities of real ones: every value is a
string, indexes have leading zeros, tariff names are padded, what the meter does not have
is empty or zeros, dates inside values are cut to the hour. Names and units:
Enedis-NOI-CPT_54E.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from hems.desk.household import Reading
from hems.protocols.d2l import CLOCK_EPOCH, format_id
from hems.protocols.linky import Mode

POWER_FACTOR = 0.95
VOLTS = 233
REFERENCE_KVA, MAIN_FUSE_A, CONTRACT_A = 6, 90, 30
FIRMWARE = "Feb 12 2020-16:14:22"
EMPTY_DATED = "|"

# STGE bits: 0 dry contact open, 10 supplier's index 2, 14 distributor's index 2,
# 17 standard TIC, 22 PLC registered, 23 PLC synchronised.
STGE_OFF_PEAK = 1 << 17 | 1 << 22 | 1 << 23
STGE_PEAK = STGE_OFF_PEAK | 1 << 0 | 1 << 10 | 1 << 14

# HHMM from which SSSS (hex) holds: dry contact closed and index 1, or open and index 2.
TOMORROW = ["00004001", "06008002", "22004001"]
NO_DAY_PROFILE = ["NONUTILE"] * 11

# What a producer or a three-phase meter would fill.
PHASES = [f"{key}{phase}" for key in ("IRMS", "URMS", "SMAXSN", "UMOY") for phase in (2, 3)]
SINGLE_PHASE = ["SINST1", "SINST2", "SINST3", "SMAXSN1-1", "SMAXSN2-1", "SMAXSN3-1"]
PRODUCER = ["EAIT", "SINSTI", "SMAXIN", "SMAXIN-1", "ERQ1", "ERQ2", "ERQ3", "ERQ4"]
MOBILE_PEAKS = [f"{edge}PM{number}" for edge in "DF" for number in (1, 2, 3)]
LOAD_CURVE_OUT = ["CCAIN", "CCAIN-1"]


def payload(mode: Mode, device_id: int, reading: Reading) -> bytes:
    """Return the JSON of a PUSH_JSON frame."""
    values = {Mode.STANDARD: standard, Mode.HISTORIQUE: historique}[mode](device_id, reading)
    return json.dumps(values, separators=(",", ":")).encode()


def historique(device_id: int, reading: Reading) -> dict[str, str]:
    """Return the 20 keys of a HISTORIQUE meter."""
    return _dongle(device_id, "HISTORIQUE") | {
        "_HORLOGE": str(reading.unix_time - CLOCK_EPOCH),
        "ADCO": _serial(device_id),
        "OPTARIF": "HC..",
        "ISOUSC": f"{CONTRACT_A:02d}",
        "HCHC": f"{reading.off_peak_wh:09d}",
        "HCHP": f"{reading.peak_wh:09d}",
        "PTEC": "HC.." if reading.is_off_peak else "HP..",
        "IINST1": f"{_amperes(reading):03d}",
        "IINST2": "0",
        "IINST3": "0",
        "IMAX": f"{MAIN_FUSE_A:03d}",
        "ADIR1": "0",
        "ADIR2": "0",
        "ADIR3": "0",
        **dict.fromkeys(("BASE", "EJPHN", "EJPHPM"), "0" * 9),
    }


def standard(device_id: int, reading: Reading) -> dict[str, str]:
    """Return the 74 keys of a STANDARD meter.

    As on real single-phase meters SMAXSN1 is yesterday's maximum and SMAXSN-1 is empty.
    """
    total_wh = reading.off_peak_wh + reading.peak_wh
    tariffs = [f"{wh:09d}" for wh in (reading.off_peak_wh, reading.peak_wh)]
    zeros = {f"EASF{n:02d}": "0" * 9 for n in range(3, 11)} | {"EASD03": "0" * 9, "EASD04": "0" * 9}
    return _dongle(device_id, "STANDARD") | {
        "ADSC": _serial(device_id),
        "VTIC": "02",
        "DATE": _horodate(reading.unix_time),
        "NGTF": " H PLEINE-CREUSE",
        "EAST": f"{total_wh:09d}",
        "EASF01": tariffs[0],
        "EASF02": tariffs[1],
        "EASD01": tariffs[0],
        "EASD02": tariffs[1],
        "IRMS1": f"{_amperes(reading):03d}",
        "URMS1": f"{VOLTS:03d}",
        "PREF": f"{REFERENCE_KVA:02d}",
        "PCOUP": f"{REFERENCE_KVA:02d}",
        "SINSTS": f"{_volt_amperes(reading.watts):05d}",
        "MSG1": "     PAS DE          MESSAGE    ",
        "PRM": f"{device_id:014d}",
        "NJOURF": "00",
        "NJOURF+1": "00",
        "PJOURF+1": " ".join((TOMORROW + NO_DAY_PROFILE)[:11]),
        "PPOINTE": " ".join(NO_DAY_PROFILE),
        **_tariff(reading),
        **_dated(reading),
        **zeros,
        **dict.fromkeys(["MSG2", *PHASES, *SINGLE_PHASE, *PRODUCER, *MOBILE_PEAKS], ""),
        **dict.fromkeys(LOAD_CURVE_OUT, EMPTY_DATED),
    }


def _dongle(device_id: int, kind: str) -> dict[str, str]:
    return {"_ID_D2L": format_id(device_id), "_DATE_FIRMWARE": FIRMWARE, "_TYPE_TRAME": kind}


def _tariff(reading: Reading) -> dict[str, str]:
    """Return what changes with the tariff; the dry contact closes at off-peak."""
    if reading.is_off_peak:
        return {
            "LTARF": "  HEURE  CREUSE ",
            "STGE": f"{STGE_OFF_PEAK:08X}",
            "RELAIS": "001",
            "NTARF": "01",
        }
    return {
        "LTARF": "  HEURE  PLEINE ",
        "STGE": f"{STGE_PEAK:08X}",
        "RELAIS": "000",
        "NTARF": "02",
    }


def _dated(reading: Reading) -> dict[str, str]:
    def dated(unix_time: int, value: int) -> str:
        return f"{_horodate(unix_time)[:9]}|{value:05d}"

    today, yesterday = reading.today, reading.yesterday
    return {
        "SMAXSN": dated(today.unix_time, _volt_amperes(today.watts)),
        "SMAXSN1": dated(yesterday.unix_time, _volt_amperes(yesterday.watts)),
        "SMAXSN-1": EMPTY_DATED,
        "CCASN": dated(reading.unix_time, reading.watts),
        "CCASN-1": dated(reading.unix_time - 1800, reading.watts),
        "UMOY1": f"{_horodate(reading.unix_time)[:9]}|{VOLTS:03d}",
    }


def _volt_amperes(watts: int) -> int:
    return round(watts / POWER_FACTOR)


def _amperes(reading: Reading) -> int:
    return round(_volt_amperes(reading.watts) / VOLTS)


def _serial(device_id: int) -> str:
    return f"{device_id % 10**6:012d}"


def _horodate(unix_time: int) -> str:
    """Return `SAAMMJJhhmmss`, legal time in France; S is E in summer and H in winter."""
    utc = datetime.fromtimestamp(unix_time, UTC)
    is_summer = _last_sunday(utc.year, 3) <= utc < _last_sunday(utc.year, 10)
    local = utc + timedelta(hours=1 + is_summer)
    return f"{'E' if is_summer else 'H'}{local:%y%m%d%H%M%S}"


def _last_sunday(year: int, month: int) -> datetime:
    """Return 01:00 UTC on the last Sunday of a month of 31 days, when Europe changes time."""
    last = datetime(year, month, 31, 1, tzinfo=UTC)
    return last - timedelta(days=last.isoweekday() % 7)
