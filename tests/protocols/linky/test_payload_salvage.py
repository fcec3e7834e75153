"""Whatever happened to a payload: a value that is used is the value that was sent."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.protocols.linky.labels import QUANTITIES
from hems.protocols.linky.payload_salvage import PAYLOAD, salvage
from tests.protocols.linky.samples import HISTORIQUE, SINGLE, THREE, payload

SENT = {"historique": HISTORIQUE, "single": SINGLE, "three": THREE}
TEXTS = {name: payload(fields) for name, fields in SENT.items()}
PAIR = re.compile(rb'"([^"]*)":"[^"]*"')
SPANS = {
    name: {pair[1].decode(): pair.span() for pair in PAIR.finditer(text)}
    for name, text in TEXTS.items()
}
EAST = b'"012345678"'

names = st.sampled_from(sorted(SENT))
structure = st.sampled_from([bytes([byte]) for byte in b'{}[]:,"\\ '])
not_utf8 = st.integers(0x80, 0xFF).map(lambda byte: bytes([byte]))


@given(names, st.data())
def test_away_from_a_change_every_value_is_the_one_sent_or_absent(
    name: str, data: st.DataObject
) -> None:
    text, sent, spans = TEXTS[name], SENT[name], SPANS[name]
    begin = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(begin, min(len(text), begin + 40)))
    put_in = data.draw(st.one_of(st.just(b""), structure, not_utf8, st.binary(max_size=4)))
    touched = {label for label, (first, after) in spans.items() if begin < after and end > first}
    strings = salvage(text[:begin] + put_in + text[end:]).strings
    wrong = {label for label, value in strings.items() if sent.get(label, value) != value}
    assert wrong <= touched


@pytest.mark.parametrize("name", SENT)
def test_before_a_cut_every_whole_pair_is_used_and_no_other(name: str) -> None:
    text, sent = TEXTS[name], SENT[name]
    for cut in range(len(text)):
        salvaged = salvage(text[:cut])
        whole = [label for label, (_, end) in SPANS[name].items() if end <= cut]
        assert salvaged.strings == {label: sent[label] for label in whole}
        assert PAYLOAD in salvaged.faults


def test_a_value_that_was_cut_is_named() -> None:
    text = TEXTS["single"]
    assert salvage(text[: text.index(EAST) + 4]).faults["EAST"] == "cut off"


@given(names, not_utf8, st.data())
def test_a_bad_byte_in_a_value_spoils_only_that_value(
    name: str, byte: bytes, data: st.DataObject
) -> None:
    text, sent = TEXTS[name], SENT[name]
    label = data.draw(st.sampled_from(sorted(label for label, value in sent.items() if value)))
    end = SPANS[name][label][1] - 1
    at = data.draw(st.integers(end - len(sent[label]), end - 1))
    salvaged = salvage(text[:at] + byte + text[at + 1 :])
    assert salvaged.strings == {key: value for key, value in sent.items() if key != label}
    assert [*salvaged.faults] == [label]


@given(names, not_utf8, st.data())
def test_a_bad_byte_anywhere_spoils_at_most_two_values(
    name: str, byte: bytes, data: st.DataObject
) -> None:
    text = TEXTS[name]
    at = data.draw(st.integers(0, len(text) - 1))
    salvaged = salvage(text[:at] + byte + text[at + 1 :])
    assert salvaged.strings.items() <= SENT[name].items()
    assert len(salvaged.strings) >= len(SENT[name]) - 2
    assert salvaged.faults


@pytest.mark.parametrize(
    "value", ["true", "false", "{}", "[]", '{"EAST":"1"}', '[{"EAST":"1"},"2"]', "1.5", "-1", "NaN"]
)
def test_a_value_of_another_type_is_left_out_and_named(value: str) -> None:
    text = TEXTS["single"]
    for label in SINGLE:
        begin, end = SPANS["single"][label]
        salvaged = salvage(text[:begin] + f'"{label}":{value}'.encode() + text[end:])
        assert salvaged.strings == {key: sent for key, sent in SINGLE.items() if key != label}
        assert [*salvaged.faults] == [label]


@pytest.mark.parametrize("label", ["EAST", "SINST1", "NTARF", "RELAIS", "_HORLOGE"])
def test_a_number_counts_as_its_text_where_leading_zeros_mean_nothing(label: str) -> None:
    salvaged = salvage(f'{{"{label}": 12300010, "URMS1": "230"}}'.encode())
    assert salvaged.strings == {label: "12300010", "URMS1": "230"}
    assert salvaged.faults == {}


@pytest.mark.parametrize("label", ["ADSC", "STGE", "VTIC", "DATE", "NGTF", "PJOURF+1"])
def test_a_number_that_may_have_lost_its_zeros_is_left_out(label: str) -> None:
    assert label not in QUANTITIES
    salvaged = salvage(f'{{"{label}": 21999000007, "URMS1": "230"}}'.encode())
    assert salvaged.strings == {"URMS1": "230"}
    assert [*salvaged.faults] == [label]


def test_the_dongles_id_is_read_as_a_number_too() -> None:
    assert salvage(b'{"_ID_D2L": 11601000001}').strings == {"_ID_D2L": "011601000001"}


def test_null_is_an_empty_value() -> None:
    salvaged = salvage(b'{"EAIT": null, "EAST": "1"}')
    assert (salvaged.strings, salvaged.faults) == ({"EAIT": "", "EAST": "1"}, {})


@pytest.mark.parametrize("again", ['"2"', "2", "true", "null", '"\\x"'])
def test_a_key_that_is_sent_with_two_values_is_left_out(again: str) -> None:
    for first, second in (('"1"', again), (again, '"1"')):
        salvaged = salvage(f'{{"EAST": {first}, "EAST": {second}, "URMS1": "230"}}'.encode())
        assert salvaged.strings == {"URMS1": "230"}
        assert "EAST" in salvaged.faults


def test_a_key_that_is_sent_twice_with_one_value_is_certain() -> None:
    salvaged = salvage(b'{"EAST": "1", "EAST": "1"}')
    assert (salvaged.strings, salvaged.faults) == ({"EAST": "1"}, {})


def test_escapes_are_read() -> None:
    strings = {"MSG1": 'a "b" \\ {c}, é', "EAST": "1"}
    assert salvage(json.dumps(strings).encode()).strings == strings


@pytest.mark.parametrize("value", [b'"\\x"', b'"\\ud800"', b'"\\u12"', b'"1\n2"', b'"\0"', b'1"'])
def test_a_malformed_string_spoils_only_its_own_value(value: bytes) -> None:
    salvaged = salvage(TEXTS["single"].replace(EAST, value))
    assert salvaged.strings == {key: sent for key, sent in SINGLE.items() if key != "EAST"}
    assert "EAST" in salvaged.faults


def test_what_may_be_nested_is_not_used() -> None:
    salvaged = salvage(b'{"EAST": "1", "X": {"A": "1", "EASF01": "2", "EASF02": "3"')
    assert salvaged.strings == {"EAST": "1"}
    salvaged = salvage(b'[{"EAST": "1"}, "A": "1", "EASF01": "2"]')
    assert salvaged.strings == {}


@pytest.mark.parametrize(
    "rest", [b" 1", b"\0\0", b"}", b', "EAST": "2"', b'{"EAST": "2"}', b"\xff"]
)
def test_nothing_after_the_end_is_used(rest: bytes) -> None:
    salvaged = salvage(TEXTS["single"] + rest)
    assert salvaged.strings == SINGLE
    assert [*salvaged.faults] == [PAYLOAD]


@pytest.mark.parametrize("first", [b"\xef\xbb\xbf", b"\xff", b"garbage "])
def test_what_precedes_the_object_is_left_out(first: bytes) -> None:
    salvaged = salvage(first + TEXTS["single"])
    assert salvaged.strings == SINGLE
    assert [*salvaged.faults] == [PAYLOAD]


@pytest.mark.parametrize("depth", [1_000, 4_000])
@pytest.mark.parametrize("opening", [b"[", b'{"A":'])
def test_deep_nesting_does_no_harm(opening: bytes, depth: int) -> None:
    assert salvage(b'{"EAST": "1", "X": ' + opening * depth).strings == {"EAST": "1"}


@given(st.binary(max_size=300))
def test_arbitrary_bytes_do_no_harm(data: bytes) -> None:
    assert isinstance(salvage(data).strings, dict)
