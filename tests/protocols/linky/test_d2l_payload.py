import pytest

from hems.errors import ProtocolError
from hems.protocols.linky.d2l_payload import fields
from hems.protocols.linky.labels import SPELLINGS
from tests.protocols.linky.samples import DEVICE, SAMPLES, SINGLE, THREE, payload


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_whole(name: str) -> None:
    parsed = fields(payload(SAMPLES[name]), DEVICE)
    assert parsed.strings == {SPELLINGS.get(key, key): v for key, v in SAMPLES[name].items()}
    assert parsed.faults == {}


def test_a_key_that_is_sent_twice_is_noticed() -> None:
    parsed = fields(payload(SINGLE)[:-1] + b',"EAST":"1"}', DEVICE)
    assert "EAST" not in parsed.strings
    assert [*parsed.faults] == ["EAST"]


def test_an_escaped_quote_is_no_fault() -> None:
    parsed = fields(payload(SINGLE, MSG1='"é"\\'), DEVICE)
    assert (parsed.strings["MSG1"], parsed.faults) == ('"é"\\', {})


@pytest.mark.parametrize("sender", ["011601000002", "11601000001", "x"])
def test_a_payload_that_names_another_sender_is_refused(sender: str) -> None:
    with pytest.raises(ProtocolError, match=f"_ID_D2L: found '{sender}', expected 011601000001"):
        fields(payload(SINGLE, _ID_D2L=sender), DEVICE)


@pytest.mark.parametrize("sender", [b"11601000002", b"116010000010000"])
def test_a_number_may_name_another_sender_too(sender: bytes) -> None:
    with pytest.raises(ProtocolError, match="_ID_D2L"):
        fields(b'{"_ID_D2L":' + sender + b"}", DEVICE)


@pytest.mark.parametrize("text", [b'""', b"null", b"11601000001", b"true", b'"0116\xff1000001"'])
def test_a_payload_that_names_no_sender_is_the_devices_own(text: bytes) -> None:
    parsed = fields(payload(SINGLE).replace(b'"011601000001"', text), DEVICE)
    assert parsed.strings["EAST"] == SINGLE["EAST"]
    assert [*parsed.faults] == ([] if text == b"11601000001" else ["_ID_D2L"])


@pytest.mark.parametrize(
    "data", [b"", b"{", b"{}", b"[]", b"\xff", b"null", b'"EAST"', b"[" * 3000]
)
def test_a_payload_without_a_string_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError, match="found no string with a label"):
        fields(data, DEVICE)


def test_many_keys_and_long_values_harm_nothing() -> None:
    many = {f"K{number}": "" for number in range(200)} | {"K" * 300: "", "MSG1": "m" * 300}
    assert fields(payload(SINGLE | many), DEVICE).strings["EAST"] == SINGLE["EAST"]


def test_a_spelling_of_the_d2l_becomes_enedis_own() -> None:
    assert THREE["SINST2"] == "02570"
    strings = fields(payload(THREE), DEVICE).strings
    assert strings["SINSTS2"] == "02570"
    assert "SINST2" not in strings
