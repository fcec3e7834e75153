import json
from datetime import datetime

import pytest

from hems.desk.household import Household, Peak, Reading
from hems.desk.linky import historique, payload, standard
from hems.protocols.linky import Mode

ID = 20000000001
NOON = Reading(
    unix_time=int(datetime.fromisoformat("2026-07-14T12:34:56+02:00").timestamp()),
    watts=1000,
    off_peak_wh=1_234_567,
    peak_wh=7_654_321,
    is_off_peak=False,
    today=Peak(2500, int(datetime.fromisoformat("2026-07-14T07:05:00+02:00").timestamp())),
    yesterday=Peak(3100, int(datetime.fromisoformat("2026-07-13T19:10:00+02:00").timestamp())),
)


def test_a_standard_meter_has_74_keys_and_only_strings() -> None:
    values = standard(ID, NOON)
    assert len(values) == 74
    assert all(isinstance(value, str) for value in values.values())


def test_a_historique_meter_has_20_keys() -> None:
    assert len(historique(ID, NOON)) == 20


def test_the_total_is_the_sum_of_the_suppliers_indexes() -> None:
    values = standard(ID, NOON)
    indexes = [int(values[f"EASF{number:02d}"]) for number in range(1, 11)]
    assert indexes[:2] == [1_234_567, 7_654_321]
    assert int(values["EAST"]) == sum(indexes)


def test_indexes_have_leading_zeros() -> None:
    assert historique(ID, NOON)["HCHC"] == "001234567"


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-01-02T03:04:05+01:00", "H260102030405"),
        ("2026-07-14T12:34:56+02:00", "E260714123456"),
        ("2026-03-29T00:59:59+00:00", "H260329015959"),
        ("2026-03-29T01:00:00+00:00", "E260329030000"),
        ("2026-10-25T00:59:59+00:00", "E261025025959"),
        ("2026-10-25T01:00:00+00:00", "H261025020000"),
    ],
)
def test_dates_are_legal_time_with_their_season(moment: str, expected: str) -> None:
    at = int(datetime.fromisoformat(moment).timestamp())
    assert standard(ID, Household(1).reading(at))["DATE"] == expected


def test_yesterdays_maximum_stands_where_a_phase_is_expected() -> None:
    values = standard(ID, NOON)
    assert values["SMAXSN"] == "E26071407|02632"
    assert values["SMAXSN1"] == "E26071319|03263"
    assert values["SMAXSN-1"] == "|"


def test_the_dry_contact_the_index_and_the_name_follow_the_tariff() -> None:
    values = standard(ID, NOON)
    assert (int(values["STGE"], 16) & 1, values["RELAIS"], values["NTARF"]) == (1, "000", "02")
    assert "PLEINE" in values["LTARF"]


def test_the_clock_of_a_historique_meter_counts_from_2016() -> None:
    begin = datetime.fromisoformat("2016-01-01T00:00:00+00:00").timestamp()
    assert int(historique(ID, NOON)["_HORLOGE"]) == NOON.unix_time - begin


@pytest.mark.parametrize(
    ("mode", "smallest", "biggest"), [(Mode.STANDARD, 1350, 1470), (Mode.HISTORIQUE, 340, 442)]
)
def test_payloads_are_about_as_long_as_real_ones(mode: Mode, smallest: int, biggest: int) -> None:
    data = payload(mode, ID, NOON)
    assert smallest <= len(data) <= biggest
    assert json.loads(data)["_ID_D2L"] == "020000000001"
