import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.errors import ProtocolError, Unavailable
from hems.protocols.gateway.report_decoder import ReportDecoder


class Temperature(msgspec.Struct, frozen=True):
    written_at: float
    valid_s: float
    celsius: float


REPORT = Temperature(written_at=1000.0, valid_s=90.0, celsius=21.5)
DATA = msgspec.json.encode(REPORT)
DECODER = ReportDecoder(Temperature, "the thermometer's report")


@pytest.mark.parametrize("now", [1000.0, 1000.1, 1089.9, 1090.0])
def test_a_report_is_fresh_from_when_it_was_written_until_it_expires(now: float) -> None:
    assert DECODER.fresh(DATA, now) == REPORT


@pytest.mark.parametrize("now", [0.0, 999.9, 1090.1, 1e9])
def test_a_report_that_expired_or_is_of_an_earlier_boot_is_unavailable(now: float) -> None:
    with pytest.raises(Unavailable):
        DECODER.fresh(DATA, now)


def test_the_error_is_the_same_at_every_age_so_that_it_is_logged_once() -> None:
    for now in (1091.0, 1092.0):
        with pytest.raises(Unavailable, match=r"^the thermometer's report is older than 90 s$"):
            DECODER.fresh(DATA, now)
    with pytest.raises(Unavailable, match=r"^the thermometer's report is from before the reboot$"):
        DECODER.fresh(DATA, 999.0)


def test_a_report_is_decoded_whatever_its_age() -> None:
    assert DECODER.decode(DATA) == REPORT


def test_a_decoder_keeps_nothing_of_the_report_before() -> None:
    later = Temperature(written_at=2000.0, valid_s=1.0, celsius=5.0)
    for now in (2000.0, 2001.0):
        assert DECODER.fresh(msgspec.json.encode(later), now) == later
        with pytest.raises(Unavailable):
            DECODER.fresh(DATA, now)


def test_a_report_cut_anywhere_is_refused() -> None:
    for end in range(len(DATA)):
        with pytest.raises(ProtocolError, match="the thermometer's report: "):
            DECODER.fresh(DATA[:end], 1000.0)


BROKEN = {
    "empty": b"",
    "not an object": b"[]",
    "null": b"null",
    "not UTF-8": b"\xff",
    "without a time": b'{"valid_s": 1, "celsius": 1}',
    "a time of another type": DATA.replace(b"1000.0", b'"now"'),
    "nested too deep": b'{"x":' + b"[" * 100_000,
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_what_is_no_report_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        DECODER.decode(data)


def test_fields_of_a_newer_version_are_ignored() -> None:
    assert DECODER.decode(DATA[:-1] + b',"new":1}') == REPORT


@given(written_at=st.integers(0, 10**6), valid_s=st.integers(0, 10**4), now=st.integers(0, 10**6))
def test_a_report_is_fresh_exactly_while_its_age_is_between_0_and_valid_s(
    written_at: int, valid_s: int, now: int
) -> None:
    data = msgspec.json.encode(Temperature(written_at, valid_s, 0.0))
    try:
        DECODER.fresh(data, now)
        is_fresh = True
    except Unavailable:
        is_fresh = False
    assert is_fresh == (written_at <= now <= written_at + valid_s)
