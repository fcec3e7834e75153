"""Read what a meter announces about its tariff in both modes: Tempo's colours and mobile peaks.

STANDARD has both in the status register, and dates a peak in DPMn and FPMn. HISTORIQUE has today's
colour and a peak in PTEC, tomorrow's colour in DEMAIN, and the notice of an EJP peak in PEJP.
Source: Enedis-NOI-CPT_54E, sections 6.1.1, 6.2.3.14 and 6.2.3.15.
"""

from __future__ import annotations

from dataclasses import dataclass

from hems.protocols.linky.labels import PEAK_BEGINS, PEAK_ENDS
from hems.protocols.linky.meter_reading import LinkyMode, MeterReading
from hems.protocols.linky.packed_values import TempoColour

PERIOD_COLOURS = {  # PTEC in Tempo: off-peak (HC) or peak (HP), and the day's colour
    f"{period}J{letter}": colour
    for period in ("HC", "HP")
    for letter, colour in zip(
        "BWR", (TempoColour.BLUE, TempoColour.WHITE, TempoColour.RED), strict=True
    )
}
COLOURS_TOMORROW = {  # DEMAIN
    "BLEU": TempoColour.BLUE,
    "BLAN": TempoColour.WHITE,
    "ROUG": TempoColour.RED,
    "----": TempoColour.NOT_ANNOUNCED,
}
EJP_PERIODS = {"HN": False, "PM": True}  # PTEC's first letters: whether a peak is in progress


@dataclass(frozen=True, slots=True)
class TempoColours:
    """The colours of a Tempo contract; None for one that the meter did not send."""

    today: TempoColour | None
    tomorrow: TempoColour | None


@dataclass(frozen=True, slots=True)
class MobilePeaks:
    """The mobile peaks of a contract. Numbers are 1 to 3, None if not sent.

    `notice_min`: the length (min) of EJP's notice; `begins`, `ends`: unix seconds of the announced
    peak, or else of the one in progress.
    """

    is_noticed: bool
    is_active: bool | None
    notice_number: int | None = None
    number: int | None = None
    notice_min: int | None = None
    begins: int | None = None
    ends: int | None = None


def is_tempo(reading: MeterReading) -> bool:
    """Return whether the contract is Tempo: by its name, or because a colour is announced."""
    if reading.mode is LinkyMode.HISTORIQUE:
        return reading.tariff_calendar.startswith("BBR")
    status, none = reading.status, TempoColour.NOT_ANNOUNCED
    is_announced = status is not None and (
        status.tempo_today is not none or status.tempo_tomorrow is not none
    )
    return is_announced or "TEMPO" in reading.tariff_calendar.upper()


def tempo_colours(reading: MeterReading) -> TempoColours | None:
    """Return the colours, None if the contract is not Tempo or the reading has none."""
    if not is_tempo(reading):
        return None
    if reading.mode is LinkyMode.HISTORIQUE:
        texts = reading.texts
        return TempoColours(
            PERIOD_COLOURS.get(texts.get("PTEC", "")),
            COLOURS_TOMORROW.get(texts.get("DEMAIN", "")),
        )
    status = reading.status
    return None if status is None else TempoColours(status.tempo_today, status.tempo_tomorrow)


def mobile_peaks(reading: MeterReading) -> MobilePeaks | None:
    """Return the mobile peaks, None if the contract has none or the reading does not say."""
    if reading.mode is LinkyMode.HISTORIQUE:
        return _ejp(reading)
    status = reading.status
    if status is None:
        return None
    begins = peak_begins(reading)
    coming = {n: at for n, at in begins.items() if reading.time is None or at > reading.time}
    notice = status.peak_notice or (min(coming, key=coming.__getitem__) if coming else 0)
    if not (notice or status.peak or _has_peaks(reading)):
        return None
    number = notice or status.peak
    end = reading.measurements.get(PEAK_ENDS[number - 1]) if number else None
    return MobilePeaks(
        is_noticed=bool(notice),
        is_active=bool(status.peak),
        notice_number=notice or None,
        number=status.peak or None,
        begins=begins.get(number),
        ends=None if end is None else end.at,
    )


def peak_begins(reading: MeterReading) -> dict[int, int]:
    """Return when each announced mobile peak begins (unix seconds), by its number."""
    begins = {}
    for number, label in enumerate(PEAK_BEGINS, 1):
        dated = reading.measurements.get(label)
        if dated is not None and dated.at is not None:
            begins[number] = dated.at
    return begins


def _has_peaks(reading: MeterReading) -> bool:
    return is_tempo(reading) or "EJP" in reading.tariff_calendar.upper()


def _ejp(reading: MeterReading) -> MobilePeaks | None:
    notice = reading.measurements.get("PEJP")
    notice_min = notice.value if notice is not None else 0
    if not (notice_min or reading.tariff_calendar.startswith("EJP")):
        return None
    return MobilePeaks(
        is_noticed=notice_min > 0,
        is_active=EJP_PERIODS.get(reading.texts.get("PTEC", "")[:2]),
        notice_min=notice_min or None,
    )
