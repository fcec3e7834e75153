import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.errors import ProtocolError
from hems.protocols.sd_notify import (
    MAX_EXTENSION_S,
    MAX_SIZE,
    MAX_STATE,
    MAX_STATUS,
    Message,
    decode,
    encode,
    figures,
    one_line,
)

KEYS = ["READY", "WATCHDOG", "STATUS", "STOPPING", "RELOADING", "EXTEND_TIMEOUT_USEC"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=10,
)
messages = st.builds(
    Message,
    is_ready=st.booleans(),
    is_alive=st.booleans(),
    is_trigger=st.booleans(),
    is_stopping=st.booleans(),
    is_reloading=st.booleans(),
    status=st.none() | st.text(max_size=MAX_STATUS).map(one_line),
    extension_s=st.none() | st.integers(0, 3_600_000_000).map(lambda usec: usec / 1e6),
    state=st.none() | st.dictionaries(st.text(max_size=9), JSON, max_size=4).map(figures),
)


@given(messages)
def test_encode_then_decode_gives_the_message_back(message: Message) -> None:
    assert decode(encode(message)) == message


@given(st.binary(max_size=MAX_SIZE))
def test_any_datagram_is_read_without_an_error(data: bytes) -> None:
    decode(data)


@given(st.lists(st.tuples(st.sampled_from([*KEYS, "X_HEMS_STATE"]), st.text(max_size=60))))
def test_any_value_of_a_known_key_is_read_without_an_error(fields: list[tuple[str, str]]) -> None:
    message = decode("\n".join(f"{key}={value}" for key, value in fields).encode())
    assert message.state is None or isinstance(json.loads(message.state), dict)
    assert message.status is None or message.status.isprintable()


def test_an_empty_datagram_is_legal() -> None:
    assert decode(b"") == Message()


def test_unknown_keys_are_ignored() -> None:
    assert decode(b"MAINPID=1\nX_OTHER=2\nMONOTONIC_USEC=3\nREADY=1") == Message(is_ready=True)


@pytest.mark.parametrize("line", [b"READY=0", b"READY=", b"READY", b"ready=1", b"WATCHDOG=2"])
def test_a_flag_counts_only_with_its_value(line: bytes) -> None:
    assert decode(line) == Message()


def test_the_watchdog_line_says_alive_or_trigger() -> None:
    assert decode(b"WATCHDOG=1") == Message(is_alive=True)
    assert decode(b"WATCHDOG=trigger") == Message(is_trigger=True)


def test_what_is_not_utf8_in_the_status_is_replaced() -> None:
    assert decode(b"STATUS=a\xffb") == Message(status="a\N{REPLACEMENT CHARACTER}b")


@pytest.mark.parametrize("character", ["\0", "\x1b", "\x85", "\uffff", "\u202e", "\u00a0"])
def test_what_cannot_be_printed_in_the_status_becomes_a_space(character: str) -> None:
    assert decode(f"STATUS=a{character}b".encode()).status == "a b"


def test_the_status_is_bounded() -> None:
    assert decode(b"STATUS=" + b"x" * 5000).status == "x" * MAX_STATUS


def test_an_extension_is_in_microseconds_and_bounded() -> None:
    assert decode(b"EXTEND_TIMEOUT_USEC=2500000").extension_s == 2.5
    assert decode(b"EXTEND_TIMEOUT_USEC=" + b"9" * 4000).extension_s == MAX_EXTENSION_S


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("EXTEND_TIMEOUT_USEC=-1", "expected microseconds"),
        ("EXTEND_TIMEOUT_USEC=\N{SUPERSCRIPT TWO}", "expected microseconds"),
        ("X_HEMS_STATE=[]", "found list, expected a JSON object"),
        ("X_HEMS_STATE={", "Expecting property name"),
        ('X_HEMS_STATE={"a":NaN}', "not JSON compliant"),
        ("X_HEMS_STATE=" + "[" * MAX_STATE, ""),  # the reason is the interpreter's
        ("X_HEMS_STATE=" + " " * (MAX_STATE + 1), "4097 characters, expected at most 4096"),
    ],
)
def test_a_malformed_field_is_named_and_the_others_count(line: str, reason: str) -> None:
    message = decode(f"{line}\nREADY=1".encode())
    assert message.is_ready
    assert message.extension_s is None
    assert message.state is None
    assert len(message.ignored) == 1
    assert message.ignored[0].startswith(line.partition("=")[0])
    assert reason in message.ignored[0]


def test_the_state_is_ascii_json_whatever_was_sent() -> None:
    assert decode('X_HEMS_STATE={"name": "café"}'.encode()).state == '{"name":"caf\\u00e9"}'


def test_a_datagram_that_is_too_long_is_refused_both_ways() -> None:
    with pytest.raises(ProtocolError, match="8193 bytes, expected at most 8192"):
        decode(b"x" * (MAX_SIZE + 1))
    with pytest.raises(ProtocolError, match="expected at most 8192"):
        encode(Message(state="x" * MAX_SIZE))


@pytest.mark.parametrize("values", [{"a": float("nan")}, {"a": "x" * MAX_STATE}])
def test_figures_that_cannot_be_sent_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"JSON compliant|expected at most 4096"):
        figures(values)
