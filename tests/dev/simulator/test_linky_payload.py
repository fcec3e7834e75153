import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from dev.simulator.household import DAY_S, FIRST_DAY_S, DatedWatts, Household, HouseholdReading
from dev.simulator.linky_payload import VOLTS, values
from dev.simulator.linky_variants import KINDS
from dev.simulator.meter_faults import encoded
from hems.protocols.linky import linky_entities, linky_state, meter_reading
from hems.protocols.linky.d2l_payload import fields
from hems.protocols.linky.next_tariff_change import TariffSchedules
from tests.protocols.linky.samples import HISTORIQUE, SINGLE

ID = 20000000001
RED_DAY = FIRST_DAY_S + 199 * DAY_S  # 2026-07-14, red in Tempo and a peak of EJP
NOON = int(datetime.fromisoformat("2026-07-14T12:34:56+02:00").timestamp())
HOUR_S = 3600
EVENING = NOON + 6 * HOUR_S + 45 * 60  # the oven is on


def moment(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def sent(kind: str, at: int = NOON, reading: HouseholdReading | None = None) -> dict[str, str]:
    one = KINDS[kind]
    home = Household(ID, one.calendar, one.solar_w)
    return values(one, ID, reading or home.reading(at), at)


def shown(kind: str, at: int = NOON) -> tuple[dict[str, Any], set[str]]:
    """Return the state and the entities that the worker makes of it."""
    parsed = meter_reading.parse(fields(encoded(sent(kind, at)), ID))
    assert not parsed.malformed
    state = linky_state.state(parsed)
    state |= linky_state.change_state(TariffSchedules().next_change(parsed))
    return state, {entity.key for entity in linky_entities.entities(parsed)}


def test_a_standard_meter_has_the_keys_of_a_real_one() -> None:
    for kind in KINDS:
        if KINDS[kind].is_standard:
            assert sent(kind).keys() == SINGLE.keys()


def test_what_a_single_phase_meter_does_not_use_is_empty_or_zero_as_on_a_real_one() -> None:
    ours = sent("standard")
    for label, value in SINGLE.items():
        if value in ("", "|", "000000000"):
            assert ours[label] == value, label


def test_a_historique_meter_has_the_keys_of_a_real_one() -> None:
    ours = sent("historique")
    assert ours.keys() == HISTORIQUE.keys()
    for label, value in HISTORIQUE.items():
        if value == "":
            assert ours[label] == "", label


@pytest.mark.parametrize("kind", KINDS)
def test_every_value_is_a_string(kind: str) -> None:
    assert all(isinstance(value, str) for value in json.loads(encoded(sent(kind))).values())


@pytest.mark.parametrize("kind", [name for name in KINDS if KINDS[name].is_standard])
def test_the_total_is_the_sum_of_the_suppliers_indexes(kind: str) -> None:
    ours = sent(kind)
    indexes = [int(ours[f"EASF{number:02d}"]) for number in range(1, 11)]
    assert int(ours["EAST"]) == sum(indexes)
    assert sum(index > 0 for index in indexes) == len(KINDS[kind].calendar.labels)


def test_indexes_have_leading_zeros() -> None:
    home = replace(Household(ID).reading(NOON), registers_wh=(1_234_567, 7_654_321))
    assert sent("historique", reading=home)["HCHC"] == "001234567"


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-01-02T03:04:05+01:00", "H260102030405"),
        ("2026-07-14T12:34:56+02:00", "E260714123456"),
        ("2026-03-29T00:59:59+00:00", "H260329015959"),
        ("2026-03-29T01:00:00+00:00", "E260329030000"),
        ("2026-10-25T00:59:59+00:00", "E261025025959"),
        ("2026-10-25T01:00:00+00:00", "H261025020000"),
    ],
)
def test_dates_are_legal_time_with_their_season(at: str, expected: str) -> None:
    assert sent("standard", moment(at))["DATE"] == expected


def test_yesterdays_maximum_stands_where_a_phase_is_expected() -> None:
    home = Household(ID).reading(NOON)
    highest = replace(
        home.imported,
        today=DatedWatts(2500, moment("2026-07-14T07:05:00+02:00")),
        yesterday=DatedWatts(3100, moment("2026-07-13T19:10:00+02:00")),
    )
    ours = sent("standard", reading=replace(home, imported=highest))
    assert ours["SMAXSN"] == "E26071407|02632"
    assert ours["SMAXSN1"] == "E26071319|03263"
    assert ours["SMAXSN-1"] == ""


def test_the_dry_contact_the_index_and_the_name_follow_the_tariff() -> None:
    day, night = sent("standard"), sent("standard", NOON + 12 * HOUR_S)
    assert (int(day["STGE"], 16) & 1, day["RELAIS"], day["NTARF"]) == (1, "000", "02")
    assert (int(night["STGE"], 16) & 1, night["RELAIS"], night["NTARF"]) == (0, "001", "01")
    assert "PLEINE" in day["LTARF"]


def test_a_schedule_closes_the_contact_with_c001() -> None:
    winter, summer = sent("standard", moment("2026-01-02T12:00:00+01:00")), sent("standard")
    assert winter["PJOURF+1"].startswith("0000C001 06008002 2200C001 NONUTILE")
    assert summer["PJOURF+1"].startswith("0000C001 07008002 2300C001 NONUTILE")
    assert len(summer["PJOURF+1"]) == 98
    assert sent("standard-tempo")["PJOURF+1"].startswith("00004005 ")


@pytest.mark.parametrize("kind", ["standard", "standard-tempo"])
def test_the_worker_finds_the_next_change(kind: str) -> None:
    state, entities = shown(kind, moment("2026-07-07T12:00:00+02:00"))
    assert state["next_tariff_change"] == "2026-07-07T21:00:00+00:00"
    assert (state["next_tariff_index"], "next_tariff_change" in entities) == (1, True)


def test_the_clock_of_a_historique_meter_counts_from_2016() -> None:
    begin = moment("2016-01-01T00:00:00+00:00")
    assert int(sent("historique")["_HORLOGE"]) == NOON - begin


@pytest.mark.parametrize(
    ("kind", "smallest", "biggest"), [("standard", 1350, 1470), ("historique", 340, 442)]
)
def test_payloads_are_about_as_long_as_real_ones(kind: str, smallest: int, biggest: int) -> None:
    data = encoded(sent(kind))
    assert smallest <= len(data) <= biggest
    assert json.loads(data)["_ID_D2L"] == "020000000001"


@pytest.mark.parametrize("kind", ["standard-tempo", "historique-tempo"])
def test_both_modes_show_tempos_colours(kind: str) -> None:
    colours = []
    for hour in (5, 8, 12, 31):  # of the day before the red one
        state, entities = shown(kind, RED_DAY - DAY_S + hour * HOUR_S)
        colours.append((state["tempo_today"], state["tempo_tomorrow"]))
        assert {"tempo_today", "tempo_tomorrow"} <= entities
    assert colours == [
        ("white", "not announced"),
        ("white", "not announced"),
        ("white", "red"),
        ("red", "not announced"),
    ]


@pytest.mark.parametrize("kind", ["standard-ejp", "historique-ejp"])
def test_both_modes_show_a_peak_and_its_notice(kind: str) -> None:
    notices = []
    for hour in (-6, 6.75, 7.5, 24.5, 25.5):
        state, _ = shown(kind, RED_DAY + int(hour * HOUR_S))
        notices.append((state["peak_notice"], state["peak"]))
    early = (KINDS[kind].is_standard, False)
    assert notices == [early, (True, False), (False, True), (False, True), (False, False)]


def test_a_standard_meter_dates_its_peak() -> None:
    state, _ = shown("standard-ejp", RED_DAY - HOUR_S)
    assert (state["peak_begins"], state["peak_ends"]) == (
        "2026-07-14T06:00:00+00:00",
        "2026-07-15T00:00:00+00:00",
    )
    assert state["peak_schedule"] == "08:00 index 2"


@pytest.mark.parametrize("kind", ["standard-three-phase", "historique-three-phase"])
def test_three_phases_have_an_idle_one(kind: str) -> None:
    ours = sent(kind, EVENING)
    label = "IRMS{}" if KINDS[kind].is_standard else "IINST{}"
    amperes = [int(ours[label.format(phase)]) for phase in (1, 2, 3)]
    assert amperes[0] > 0
    assert amperes[2] == 0
    assert ours.get("URMS3", f"{VOLTS}") == f"{VOLTS}"
    assert ours.get("IMAX", "") == ""


def test_a_producer_shows_what_it_exports() -> None:
    state, entities = shown("standard-producer")
    assert {"eait", "sinsti", "ccain", "apparent_power_net", "energy_direction"} <= entities
    assert state["apparent_power_net"] == -state["sinsti"] < 0
    assert (state["producer"], state["energy_direction"]) == (True, "export")
    assert shown("standard-producer", NOON + 12 * HOUR_S)[0]["energy_direction"] == "import"
