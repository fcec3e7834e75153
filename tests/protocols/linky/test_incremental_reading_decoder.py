"""Readings that are decoded one after the other are what each of them is alone."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from hems.errors import ProtocolError
from hems.protocols.linky.changed_numbers import changed_numbers
from hems.protocols.linky.d2l_payload import fields
from hems.protocols.linky.incremental_reading_decoder import ReadingDecoder
from hems.protocols.linky.meter_reading import MeterReading, parse
from tests.protocols.linky.samples import DEVICE, SAMPLES, SINGLE, payload

LABELS = sorted({label for sample in SAMPLES.values() for label in sample} - {"_ID_D2L"})
VALUES = sorted({value for sample in SAMPLES.values() for value in sample.values()})
FRAME = st.tuples(
    st.sampled_from(sorted(SAMPLES)),
    st.dictionaries(st.sampled_from(LABELS), st.sampled_from([*VALUES, "X#", "1"]), max_size=3),
)


def alone(text: bytes) -> MeterReading | str:
    """Return the reading in a payload, or why there is none."""
    try:
        return parse(fields(text, DEVICE))
    except ProtocolError as error:
        return str(error)


def following(decoder: ReadingDecoder, text: bytes) -> MeterReading | str:
    try:
        return decoder.decode(fields(text, DEVICE))
    except ProtocolError as error:
        return str(error)


@given(st.lists(FRAME, max_size=6), st.sampled_from(sorted(SAMPLES)))
@example([("standard_single_phase", {"EAST": "X#"})], "standard_single_phase")
@example([("standard_single_phase", {"IRMS2": "1"})], "standard_single_phase")
@example([("standard_single_phase", {"SMAXSN1": "1"})], "standard_single_phase")
@example([("standard_single_phase", {"DATE": "e260712143105"})], "standard_single_phase")
@example(
    [("standard_single_phase", {"DATE": ""}), ("standard_single_phase", {"DATE": "X#"})],
    "standard_single_phase",
)
@example([("standard_single_phase", {"_TYPE_TRAME": "X#"})], "standard_single_phase")
def test_each_reading_is_what_it_is_alone(
    frames: list[tuple[str, dict[str, str]]], first: str
) -> None:
    decoder, last = ReadingDecoder(), None
    for name, changes in [(first, {}), *frames, (first, {"EAST": "1"}), (first, {})]:
        text = payload(SAMPLES[name] | changes)
        expected, decoded = alone(text), following(decoder, text)
        if isinstance(decoded, MeterReading):
            assert replace(decoded, change=None) == expected
            assert changed_numbers(last, decoded) == changed_numbers(
                last, replace(decoded, change=None)
            )
            last = decoded
        else:
            assert decoded == expected


def test_only_the_time_and_a_few_numbers_are_decoded_again() -> None:
    decoder = ReadingDecoder()
    first = decoder.decode(fields(payload(SINGLE), DEVICE))
    assert first.change is None
    later = {"DATE": "E260712143105", "EAST": "012345690", "MSG1": "another message"}
    second = decoder.decode(fields(payload(SINGLE, **later), DEVICE))
    assert second.change is not None
    assert {label: one.value for label, one in second.change.changed.items()} == {"EAST": 12345690}
    assert second.texts is first.texts
    assert second.time == (first.time or 0) + 60


@pytest.mark.parametrize("between", [b"{", b"\xff", payload({**SINGLE, "EAST": "X#"})])
def test_a_damaged_payload_in_between_changes_nothing_later(between: bytes) -> None:
    decoder = ReadingDecoder()
    for number in range(3):
        text = payload(SINGLE, EAST=f"{12345678 + number:09}")
        reading = decoder.decode(fields(text, DEVICE))
        assert replace(reading, change=None) == alone(text)
        following(decoder, between)


def test_readings_keep_no_earlier_ones() -> None:
    decoder = ReadingDecoder()
    readings = [
        decoder.decode(fields(payload(SINGLE, EAST=f"{12345678 + number:09}"), DEVICE))
        for number in range(4)
    ]
    for before, after in itertools.pairwise(readings):
        assert after.change is not None
        assert after.change.before is before.measurements
