import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.supervision.worker.notification_datagram import MAX_SIZE, SdNotifyMessage, decode, encode
from hems.supervision.worker.notification_values import (
    MAX_EXTENSION_S,
    MAX_FOUND,
    MAX_METRICS,
    MAX_NAME,
    MAX_PROBLEMS,
    MAX_STATUS,
    encode_metrics,
    one_line,
)
from hems.supervision.worker.problem import ReportedProblem
from tests.supervision.records import records

KEYS = ["READY", "WATCHDOG", "STATUS", "STOPPING", "RELOADING", "EXTEND_TIMEOUT_USEC"]
KEYS += ["X_METRICS", "X_PROBLEMS", "MAINPID", "WATCHDOG_USEC", "ERRNO", "MONOTONIC_USEC"]
KEYS += ["FDSTORE", "FDSTOREREMOVE", "FDNAME", "FDPOLL", "EXIT_STATUS"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=10,
)
problems = records(
    ReportedProblem,
    name=st.text(max_size=MAX_NAME).map(one_line).filter(bool),
    subject=st.text(max_size=MAX_NAME).map(one_line),
    found=st.none() | st.text(max_size=MAX_FOUND).map(lambda text: one_line(text, MAX_FOUND)),
)
messages = records(
    SdNotifyMessage,
    is_ready=st.booleans(),
    is_alive=st.booleans(),
    is_trigger=st.booleans(),
    is_stopping=st.booleans(),
    is_reloading=st.booleans(),
    status=st.none() | st.text(max_size=MAX_STATUS).map(one_line),
    extension_s=st.none() | st.integers(0, 3_600_000_000).map(lambda usec: usec / 1e6),
    metrics=st.none() | st.dictionaries(st.text(max_size=9), JSON, max_size=4).map(encode_metrics),
    problems=st.none() | st.lists(problems, max_size=2).map(tuple),
)


@given(messages)
def test_encode_then_decode_gives_the_message_back(message: SdNotifyMessage) -> None:
    assert decode(encode(message)) == message


@given(st.binary(max_size=MAX_SIZE))
def test_any_datagram_is_read_without_an_error(data: bytes) -> None:
    decode(data)


@given(st.lists(st.tuples(st.sampled_from(KEYS), st.text(max_size=60))))
def test_any_value_of_a_known_key_is_read_without_an_error(fields: list[tuple[str, str]]) -> None:
    message = decode("\n".join(f"{key}={value}" for key, value in fields).encode())
    assert message.metrics is None or isinstance(json.loads(message.metrics), dict)
    assert message.status is None or message.status.isprintable()


def test_an_empty_datagram_is_legal() -> None:
    assert decode(b"") == SdNotifyMessage()


def test_unknown_keys_are_ignored() -> None:
    assert decode(b"BUSERROR=1\nX_OTHER=2\nEXIT_STATUS=3\nREADY=1") == SdNotifyMessage(
        is_ready=True
    )


@pytest.mark.parametrize("line", [b"READY=0", b"READY=", b"READY", b"ready=1", b"WATCHDOG=2"])
def test_a_flag_counts_only_with_its_value(line: bytes) -> None:
    assert decode(line) == SdNotifyMessage()


def test_the_watchdog_line_says_alive_or_trigger() -> None:
    assert decode(b"WATCHDOG=1") == SdNotifyMessage(is_alive=True)
    assert decode(b"WATCHDOG=trigger") == SdNotifyMessage(is_trigger=True)


def test_what_is_not_utf8_in_the_status_is_replaced() -> None:
    assert decode(b"STATUS=a\xffb") == SdNotifyMessage(status="a\N{REPLACEMENT CHARACTER}b")


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
        ("X_METRICS=[]", "found list, expected a JSON object"),
        ("X_METRICS={", "Expecting property name"),
        ('X_METRICS={"a":NaN}', "not JSON compliant"),
        ("X_METRICS=" + "[" * MAX_METRICS, ""),  # the reason is the interpreter's
        ("X_PROBLEMS={}", "found dict, expected a JSON array"),
        ('X_PROBLEMS=[{"subject":"x"}]', "without a name"),
        ('X_PROBLEMS=[{"name":"x","found":3}]', "not text"),
        ("X_PROBLEMS=" + " " * (MAX_PROBLEMS + 1), "expected at most 8192"),
        ("X_METRICS=" + " " * (MAX_METRICS + 1), "4097 characters, expected at most 4096"),
    ],
)
def test_a_malformed_field_is_named_and_the_others_count(line: str, reason: str) -> None:
    message = decode(f"{line}\nREADY=1".encode())
    assert message.is_ready
    assert message.extension_s is None
    assert message.metrics is None
    assert message.problems is None
    assert len(message.ignored) == 1
    assert message.ignored[0].startswith(line.partition("=")[0])
    assert reason in message.ignored[0]


def test_the_state_is_ascii_json_whatever_was_sent() -> None:
    assert decode('X_METRICS={"name": "café"}'.encode()).metrics == '{"name":"caf\\u00e9"}'


def test_a_datagram_that_is_too_long_is_refused_both_ways() -> None:
    with pytest.raises(ValueError, match="16385 bytes, expected at most 16384"):
        decode(b"x" * (MAX_SIZE + 1))
    with pytest.raises(ValueError, match="expected at most 16384"):
        encode(SdNotifyMessage(metrics="x" * MAX_SIZE))


@pytest.mark.parametrize("values", [{"a": float("nan")}, {"a": "x" * MAX_METRICS}])
def test_values_that_cannot_be_sent_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"JSON compliant|expected at most 4096"):
        encode_metrics(values)


def test_metrics_and_datagrams_of_the_maximal_size_are_allowed() -> None:
    longest = {"a": "x" * (MAX_METRICS - len('{"a":""}'))}
    assert len(encode_metrics(longest)) == MAX_METRICS
    with pytest.raises(ValueError, match="found 4097 bytes, expected at most 4096"):
        encode_metrics({"a": longest["a"] + "x"})
    text = encode_metrics(longest)
    assert decode(f"X_METRICS={text}".encode()).metrics == text
    assert decode(b"x" * MAX_SIZE) == SdNotifyMessage()
    prefix = len("X_METRICS=")
    assert len(encode(SdNotifyMessage(metrics="x" * (MAX_SIZE - prefix)))) == MAX_SIZE
    with pytest.raises(ValueError, match="expected at most"):
        encode(SdNotifyMessage(metrics="x" * (MAX_SIZE - prefix + 1)))


def test_a_report_of_problems_carries_as_many_as_fit() -> None:
    many = tuple(ReportedProblem("meter-silent", f"{n:012}", "no frame" * 20) for n in range(500))
    datagram = encode(SdNotifyMessage(problems=many))
    received = decode(datagram).problems
    assert received == many[: len(received or ())]
    assert len(received or ()) > 30


def test_many_problems_of_one_name_hide_none_of_another() -> None:
    """A stranger chooses the names of devices, and so the subjects: how many, how long."""
    for silent in (
        [ReportedProblem("device-silent", f"device {number}", "x" * 300) for number in range(99)],
        [ReportedProblem("device-silent", "\u00e9" * 9000, "x")],
    ):
        for number in range(2):
            problems = [*silent, *(ReportedProblem(f"disk-{one}") for one in range(number + 1))]
            received = decode(encode(SdNotifyMessage(problems=tuple(problems)))).problems
            assert received
            names = {problem.name for problem in received}
            assert names == {problem.name for problem in problems}


def test_no_problem_is_a_report_too() -> None:
    assert encode(SdNotifyMessage(problems=())) == b"X_PROBLEMS=[]"
    assert decode(b"X_PROBLEMS=[]").problems == ()


def test_the_texts_of_a_problem_are_one_bounded_line() -> None:
    sent = ReportedProblem("disk-filling", "", "a\nREADY=1" + "x" * 1000)
    message = decode(encode(SdNotifyMessage(problems=(sent,))))
    assert not message.is_ready
    assert message.problems is not None
    assert message.problems[0].found == ("a READY=1" + "x" * 1000)[:MAX_FOUND]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("MAINPID=42", SdNotifyMessage(main_pid=42)),
        ("WATCHDOG_USEC=1500000", SdNotifyMessage(watchdog_s=1.5)),
        ("ERRNO=13", SdNotifyMessage(errno=13)),
        ("EXIT_STATUS=3", SdNotifyMessage()),
        ("RELOADING=1\nMONOTONIC_USEC=7", SdNotifyMessage(is_reloading=True, monotonic_s=7e-6)),
        ("FDSTORE=1\nFDNAME=a", SdNotifyMessage(is_stored=True, descriptor_name="a")),
        ("FDSTORE=1\nFDPOLL=0", SdNotifyMessage(is_stored=True, is_kept_unpolled=True)),
        ("FDSTOREREMOVE=1\nFDNAME=a", SdNotifyMessage(is_unstored=True, descriptor_name="a")),
    ],
)
def test_systemds_other_keys_are_decoded(line: str, expected: SdNotifyMessage) -> None:
    assert decode(line.encode()) == expected


@pytest.mark.parametrize(
    "line",
    ["MAINPID=x", "MAINPID=-1", "MAINPID=2147483648", "ERRNO=", "ERRNO=99999999999",
     "FDNAME=a:b", "FDNAME=",
     "FDNAME=" + "x" * 256, "FDNAME=\t", "MONOTONIC_USEC=1.5"],
)  # fmt: skip
def test_a_malformed_value_of_these_keys_is_ignored(line: str) -> None:
    [ignored] = decode(line.encode()).ignored
    assert ignored.startswith(f"{line.partition('=')[0]}: found")
