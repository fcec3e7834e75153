import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.protocols.linky.label_decoding import (
    DECODERS,
    REMEMBERED_VALUES,
    MalformedValue,
    MeterIdentity,
    changed_value,
    decode_value,
    remembered_value,
)
from hems.protocols.linky.tic_value_formats import Measurement, Quantity
from tests.protocols.linky.samples import SAMPLES

VALUES = sorted({value for sample in SAMPLES.values() for value in sample.values()})


@given(st.sampled_from([*DECODERS, "PRM"]), st.sampled_from(VALUES) | st.text(max_size=40))
def test_a_remembered_value_is_the_decoded_one(label: str, text: str) -> None:
    for _ in range(2):
        assert remembered_value(label, text) == decode_value(label, text)
        assert changed_value(label, text) == decode_value(label, text)


@given(
    st.sampled_from(sorted(DECODERS)),
    st.text("0123456789", max_size=14)
    | st.sampled_from(["²", "١٢", "+1", "-1", "1_0", " 12 ", "012"]),
)
def test_a_changed_number_is_the_decoded_one(label: str, text: str) -> None:
    assert changed_value(label, text) == decode_value(label, text)


def test_the_memory_is_bounded() -> None:
    for number in range(REMEMBERED_VALUES + 100):
        remembered_value("EAST", str(number))
    assert remembered_value.cache_info().currsize <= REMEMBERED_VALUES
    assert remembered_value("EAST", "1") == Measurement(1, Quantity.ENERGY)


@pytest.mark.parametrize("text", ["", " ", "      "])
def test_an_empty_text_has_no_value(text: str) -> None:
    assert {label: decode_value(label, text) for label in DECODERS} == dict.fromkeys(DECODERS)


def test_a_label_that_hems_ignores_has_no_value() -> None:
    assert decode_value("PRM", "12345678901234") is None


def test_a_malformed_value_says_why_in_a_few_words() -> None:
    value = decode_value("EAST", "x" * 4000)
    assert isinstance(value, MalformedValue)
    assert value.fault.startswith("number: found 'xxx")
    assert len(value.fault) <= 120


def test_a_serial_number_becomes_an_identity() -> None:
    assert decode_value("ADSC", " 031000000042") == decode_value("ADCO", "031000000042")
    assert isinstance(decode_value("ADSC", "031000000042"), MeterIdentity)
    assert decode_value("ADSC", "031000000042") != decode_value("ADSC", "031000000043")
