import pytest

from hems.protocols.linky.d2l_payload import fields as strings
from hems.protocols.linky.legal_time import legal_time
from hems.protocols.linky.linky_state import change_state, state
from hems.protocols.linky.meter_reading import MeterReading, parse
from hems.protocols.linky.next_tariff_change import TariffSchedules
from tests.protocols.linky.samples import DEVICE, HISTORIQUE, SINGLE, payload

NIGHTS = "00008001 0600C002 22008001 NONUTILE"
WEEKEND = "00008003 NONUTILE"
NO_COLOUR, WHITE_THEN_RED, BLUE_THEN_BLUE = "003A0000", "0E3A0000", "053A0000"


def reading(date: str, index: int, schedule: str = NIGHTS, **changes: str) -> MeterReading:
    values = {"DATE": date, "NTARF": f"{index:02d}", "PJOURF+1": schedule, "STGE": NO_COLOUR}
    return parse(strings(payload(SINGLE, **(values | changes)), DEVICE))


def next_change(
    meter: TariffSchedules, date: str, index: int, schedule: str = NIGHTS, **changes: str
) -> tuple[str, int | None] | None:
    """Return the next change after this reading: legal time and index."""
    change = meter.next_change(reading(date, index, schedule, **changes))
    if change is None:
        return None
    return legal_time(change.at).isoformat(timespec="minutes"), change.index


@pytest.fixture
def meter() -> TariffSchedules:
    return TariffSchedules()


@pytest.mark.parametrize(
    ("date", "index", "expected"),
    [
        ("E260714120000", 2, ("2026-07-14T22:00+02:00", 1)),
        ("E260714220000", 1, ("2026-07-15T06:00+02:00", 2)),
        ("E260714235959", 1, ("2026-07-15T06:00+02:00", 2)),
        ("E260715000000", 1, ("2026-07-15T06:00+02:00", 2)),
        ("H260328230000", 1, ("2026-03-29T06:00+02:00", 2)),  # a night of 23 hours
        ("E261024230000", 1, ("2026-10-25T06:00+01:00", 2)),  # a night of 25 hours
        ("H261231230000", 1, ("2027-01-01T06:00+01:00", 2)),
    ],
)
def test_the_next_change_is_todays_or_tomorrows(
    meter: TariffSchedules, date: str, index: int, expected: tuple[str, int]
) -> None:
    assert next_change(meter, date, index) == expected


def test_slots_without_an_index_change_nothing(meter: TariffSchedules) -> None:
    schedule = "00008001 01004000 0200800B 0300800F 0500C001 06300002 22008001"
    assert next_change(meter, "E260714003000", 1, schedule) == ("2026-07-14T06:30+02:00", 2)


def test_a_schedule_with_one_index_never_changes(meter: TariffSchedules) -> None:
    assert next_change(meter, "E260714120000", 1, "00008001 NONUTILE") is None


def test_another_day_today_is_unknown_until_it_was_announced_the_day_before(
    meter: TariffSchedules,
) -> None:
    friday = {"NJOURF": "00", "NJOURF+1": "01"}
    assert next_change(meter, "E260710120000", 2, WEEKEND, **friday) is None
    saturday, sunday = {"NJOURF": "01", "NJOURF+1": "01"}, {"NJOURF": "01", "NJOURF+1": "00"}
    assert next_change(meter, "E260711120000", 3, WEEKEND, **saturday) is None
    monday = ("2026-07-13T00:00+02:00", 1)
    assert next_change(meter, "E260712120000", 3, NIGHTS, **sunday) == monday
    assert next_change(TariffSchedules(), "E260712120000", 3, NIGHTS, **sunday) is None


def test_what_was_announced_counts_for_the_next_day_only(meter: TariffSchedules) -> None:
    days = {"NJOURF": "00", "NJOURF+1": "01"}
    for day in (10, 20):
        next_change(meter, f"E2607{day}120000", 2, NIGHTS, **days)
        following = (f"2026-07-{day + 1}T22:00+02:00", 1)
        assert next_change(meter, f"E2607{day + 1}120000", 2, WEEKEND, **days) == following
        assert next_change(meter, f"E2607{day + 3}120000", 2, WEEKEND, **days) is None


def test_a_schedule_that_does_not_explain_the_present_index_is_not_todays(
    meter: TariffSchedules,
) -> None:
    assert next_change(meter, "E260714120000", 4) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"DATE": "e260714120000"},
        {"DATE": ""},
        {"NTARF": ""},
        {"PJOURF+1": ""},
        {"NJOURF": ""},
        {"STGE": "103A0000"},
        {"STGE": "403A0000"},
        {"DPM1": "E260714210000|00"},
    ],
)
def test_without_proof_the_next_change_is_unknown(changes: dict[str, str]) -> None:
    known = reading("E260714120000", 2)
    text = payload(SINGLE, **{"DATE": "E260714120000", "PJOURF+1": NIGHTS, **changes})
    assert TariffSchedules().next_change(known) is not None
    assert TariffSchedules().next_change(parse(strings(text, DEVICE))) is None


def test_a_peak_after_the_change_does_not_matter(meter: TariffSchedules) -> None:
    later = {"DPM1": "E260715070000|00"}
    assert next_change(meter, "E260714120000", 2, **later) == ("2026-07-14T22:00+02:00", 1)


def test_tempo_has_no_index_while_the_colour_changes(meter: TariffSchedules) -> None:
    whites = "00004003 06004004 22004003"
    at = "2026-07-14T22:00+02:00"
    assert next_change(meter, "E260714120000", 4, whites, STGE=WHITE_THEN_RED) == (at, None)
    assert next_change(meter, "E260714120000", 2, STGE=BLUE_THEN_BLUE) == (at, 1)


def test_one_meter_is_followed_through_its_days(meter: TariffSchedules) -> None:
    changes = [
        next_change(meter, date, index)
        for date, index in (
            ("E260714215900", 2),
            ("E260714215959", 2),
            ("E260714220005", 2),  # the meter is a few seconds late
            ("E260714220100", 1),
            ("E260714235900", 1),
            ("E260715000000", 1),
            ("E260715060000", 2),
            ("E260714215900", 2),  # its clock was set back
        )
    ]
    night, morning, evening = (
        ("2026-07-14T22:00+02:00", 1),
        ("2026-07-15T06:00+02:00", 2),
        ("2026-07-15T22:00+02:00", 1),
    )
    assert changes == [night, night, None, morning, morning, morning, evening, night]


def test_a_restart_forgets_neither_todays_schedule_nor_the_names(meter: TariffSchedules) -> None:
    saturday, sunday = {"NJOURF": "00", "NJOURF+1": "01"}, {"NJOURF": "01", "NJOURF+1": "00"}
    meter.next_change(reading("E260711120000", 2, NIGHTS, NJOURF="00"))
    at_noon = reading("E260711130000", 2, WEEKEND, LTARF="HP", **saturday)
    meter.next_change(reading("E260711010000", 1, NIGHTS, LTARF="HC"))
    for _ in range(2):  # restarts of the worker
        meter.next_change(at_noon)
        before = state(at_noon) | change_state(meter.next_change(at_noon))
        meter = TariffSchedules()
        meter.recall(at_noon.time, before)
    change = meter.next_change(at_noon)
    assert change is not None
    assert (change.index, change.name) == (1, "HC")
    assert next_change(meter, "E260712120000", 3, NIGHTS, **sunday) == ("2026-07-13T00:00+02:00", 1)


@pytest.mark.parametrize(
    "state",
    [{}, {"schedule_today": 5, "ntarf": "x", "ltarf": None}, {"schedule_today": "99:99 index 99"}],
)
@pytest.mark.parametrize("time", [None, -1, 1 << 40, 1_784_000_000])
def test_a_strange_state_is_ignored(
    meter: TariffSchedules, state: dict[str, object], time: int | None
) -> None:
    meter.recall(time, state)
    assert next_change(meter, "E260714120000", 2) == ("2026-07-14T22:00+02:00", 1)


def test_a_tariff_has_a_name_once_it_has_counted(meter: TariffSchedules) -> None:
    day, night = {"LTARF": " HEURE  PLEINE "}, {"LTARF": " HEURE CREUSE "}
    first = meter.next_change(reading("E260714210000", 2, **day))
    second = meter.next_change(reading("E260714223000", 1, **night))
    third = meter.next_change(reading("E260715120000", 2, **day))
    names = [change and change.name for change in (first, second, third)]
    assert names == [None, "HEURE PLEINE", "HEURE CREUSE"]
    other = meter.next_change(reading("E260715120100", 2, NGTF="OTHER", **day))
    assert other is not None
    assert other.name is None


def test_a_meter_in_historique_has_no_schedule(meter: TariffSchedules) -> None:
    assert meter.next_change(parse(strings(payload(HISTORIQUE), DEVICE))) is None
