from dataclasses import dataclass, field

import pytest

from hems.desk.dongle import Answer
from hems.desk.meter import RETRY_MAX_S, Meter, push
from hems.errors import ConfigError, ProtocolError, Unavailable
from tests.fakes.time import context


@dataclass
class FakeDongle:
    """Answers until the server goes, and again once it is back."""

    gone_from: float = float("inf")
    back_at: float = float("inf")
    pushed: list[float] = field(default_factory=list)
    error: Exception = field(default_factory=lambda: Unavailable("refused"))

    def push(self, unix_time: int) -> Answer:
        now = unix_time - 1_700_000_000.0
        self.pushed.append(now)
        if self.gone_from <= now < self.back_at:
            raise self.error
        return Answer(unix_time, 0.001)


def test_a_meter_pushes_once_per_interval() -> None:
    ctx, _, notifier = context(until=200)
    dongle = FakeDongle()
    Meter("meter-1", dongle, 60).run(ctx)
    assert dongle.pushed == [0, 60, 120, 180]
    assert notifier.sent.count("alive") == 4


@pytest.mark.parametrize("error", [Unavailable("refused"), ProtocolError("rubbish")])
def test_a_meter_comes_back_within_its_longest_wait(error: Exception) -> None:
    ctx, time, _ = context(until=2000)
    dongle = FakeDongle(gone_from=100, back_at=1000, error=error)
    Meter("meter-1", dongle, 60).run(ctx)
    assert max(time.waits) <= 60
    back = next(at for at in dongle.pushed if at >= 1000)
    assert back <= 1000 + RETRY_MAX_S


def test_failures_are_retried_with_a_growing_delay() -> None:
    ctx, time, _ = context(until=10)
    Meter("meter-1", FakeDongle(gone_from=0), 60).run(ctx)
    assert time.waits[:5] == [0, 0.2, 0.4, 0.8, 1.6]


def test_the_status_says_why_there_is_no_answer() -> None:
    ctx, _, notifier = context(until=1)
    Meter("meter-1", FakeDongle(gone_from=0), 60).run(ctx)
    assert "status no answer: refused" in notifier.sent


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"interval_s": 0.0}, "interval 0 s"),
        ({"count": -1}, "count -1"),
        ({"key": None}, "belong together"),
        ({"key": "ab"}, "the key has 2 hex digits, expected 32"),
        ({"iv": "x" * 32}, "the IV has 32 characters that are not hex digits"),
        ({"device_id": "1"}, "the id has 1 character"),
    ],
)
def test_options_that_make_no_sense_are_named(options: dict[str, object], problem: str) -> None:
    sensible = {
        "host": "127.0.0.1",
        "port": 1,
        "device_id": "0" * 12,
        "key": "1" * 32,
        "iv": "2" * 32,
        "mode": "STANDARD",
        "interval_s": 1.0,
        "count": 1,
    }
    with pytest.raises(ConfigError, match=problem):
        push(**(sensible | options))  # type: ignore[arg-type]


def test_without_options_a_dongle_has_to_be_in_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("D2L_DEVICES", raising=False)
    nothing = {"device_id": None, "key": None, "iv": None}
    with pytest.raises(ConfigError, match="set D2L_DEVICES"):
        push(host="127.0.0.1", port=1, mode="STANDARD", interval_s=1.0, count=1, **nothing)
