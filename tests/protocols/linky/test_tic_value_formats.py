import pytest

from hems.errors import ProtocolError
from hems.protocols.linky.tic_value_formats import (
    Horodate,
    Measurement,
    Quantity,
    horodate,
    measurement,
    number,
    plain_text,
)


@pytest.mark.parametrize(
    ("text", "value"), [("000000000", 0), ("007", 7), (" 12 ", 12), ("9" * 12, 10**12 - 1)]
)
def test_numbers_have_leading_zeros_and_spaces(text: str, value: int) -> None:
    assert number(text) == value


@pytest.mark.parametrize("text", ["", " ", "-1", "+1", "1_0", "1 0", "0x1", "\u0663", "1" * 13])
def test_what_is_not_a_short_decimal_number_is_refused(text: str) -> None:
    with pytest.raises(ProtocolError, match="expected 1 to 12 decimal digits"):
        number(text)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("H081225223518", Horodate(1230240918)),  # Enedis-NOI-CPT_54E's own example
        ("E090714074553", Horodate(1247550353)),
        ("h081225223518", Horodate(1230240918, is_degraded=True)),
        ("e090714074553", Horodate(1247550353, is_degraded=True)),
        ("H20120902", Horodate(1607475600)),
        ("H2012090217", Horodate(1607476620)),
        (" 081225223518", Horodate(None)),
        ("", Horodate(None)),
    ],
)
def test_horodates(text: str, moment: Horodate) -> None:
    assert horodate(text) == moment


@pytest.mark.parametrize(
    "text",
    ["X081225223518", "H", "H08", "H0812252235180", "H081325223518", "H080230000000",
     "H081225243518", "H08122522351x", "H0812252235\u0661\u0668", "H 81225223518", "081225223518"],
)  # fmt: skip
def test_what_names_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ProtocolError, match="horodate"):
        horodate(text)


@pytest.mark.parametrize("text", ["", " ", "|", "H20120902|", "|  "])
def test_no_number_is_no_measurement(text: str) -> None:
    assert measurement(text, Quantity.POWER) is None


def test_a_measurement_is_scaled_and_dated() -> None:
    assert measurement("09", Quantity.APPARENT_POWER, 1000) == Measurement(
        9000, Quantity.APPARENT_POWER
    )
    assert measurement("H20120902|00330", Quantity.POWER) == Measurement(
        330, Quantity.POWER, 1607475600
    )


def test_a_measurement_without_a_valid_time_is_undated() -> None:
    assert measurement(" 20120902|5", Quantity.POWER) == Measurement(5, Quantity.POWER)


@pytest.mark.parametrize("text", ["X20120902|5", "H20120902|x", "1|2|3"])
def test_a_measurement_malformed_in_either_part_is_refused(text: str) -> None:
    with pytest.raises(ProtocolError):
        measurement(text, Quantity.POWER)


def test_runs_of_spaces_become_one() -> None:
    assert plain_text("  HEURE  PLEINE  ") == "HEURE PLEINE"


def test_a_text_is_bounded() -> None:
    assert plain_text("v" * 255) == "v" * 255
    with pytest.raises(ProtocolError, match="found 256 characters"):
        plain_text("v" * 256)
