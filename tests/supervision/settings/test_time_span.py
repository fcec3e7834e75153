import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.supervision.settings.time_span import seconds, text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30", 30.0),
        ("0", 0.0),
        ("1.5", 1.5),
        ("100ms", 0.1),
        ("30s", 30.0),
        ("5min", 300.0),
        ("1min 30s", 90.0),
        ("1h30min", 5400.0),
        ("2 days 3 hours", 183600.0),
        ("250us", 0.00025),
        ("250 µs", 0.00025),
        ("1w 2weeks", 1_814_400.0),
        ("1M 1month", 5_259_600.0),
        ("1y", 31_557_600.0),
        (" 7 ", 7.0),
        ("infinity", math.inf),
    ],
)
def test_a_time_span_is_read_as_systemd_reads_it(text: str, expected: float) -> None:
    assert seconds(text) == pytest.approx(expected)


@pytest.mark.parametrize(
    "text", ["", " ", "-1", "s", "5 parsecs", "1,5", "inf", "1e3", "1 D", "٣", "9" * 16 + "d"]
)
def test_anything_else_is_refused_with_the_text_in_the_message(text: str) -> None:
    with pytest.raises(ValueError, match="expected a time such as") as error:
        seconds(text)
    assert repr(text) in str(error.value)


@given(st.text(max_size=30))
def test_any_text_gives_a_time_that_is_not_negative_or_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert seconds(text) >= 0


@pytest.mark.parametrize(
    ("span_s", "written"),
    [
        (0.0, "0"),
        (0.1, "100ms"),
        (0.000_25, "250us"),
        (90.0, "1min 30s"),
        (90_061.5, "1d 1h 1min 1s 500ms"),
        (34_881_300.0, "1y 1month 1w 1d 45min"),
        (math.inf, "infinity"),
    ],
)
def test_a_span_is_written_as_systemd_writes_it(span_s: float, written: str) -> None:
    assert text(span_s) == written
    assert seconds(written) == pytest.approx(span_s)
