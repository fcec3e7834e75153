"""A channel on which other radios are loud is a problem until they are quiet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast

import pytest

from hems.clients.home_assistant.admin_session import AdminSession
from hems.clients.home_assistant.responses import (
    ConfigEntry,
)
from hems.clients.home_assistant.zha_responses import (
    ZhaNetworkInfo,
    ZhaState,
    ZigbeeScan,
)
from hems.errors import HemsError, Unavailable
from hems.protocols.gateway.zigbee_problem_kinds import ZIGBEE_CHANNEL_BUSY
from hems.workers.provision.observations import HOME_ASSISTANT_S, Observation
from hems.workers.provision.observations.busy_channel import (
    BUSY_SCAN_S,
    SCAN_S,
    SCANS,
    BusyChannel,
)

LOOK_S, DAY_S = 60.0, 86400.0


class Radio:
    """`loud` is how busy channel 15 is at each scan, the last one again and again."""

    def __init__(self) -> None:
        self.now = 0.0
        self.state = "loaded"
        self.loud = [10.0]
        self.scans = 0
        self.failure: HemsError | None = None
        self.channel = BusyChannel(cast(Callable[[float], AdminSession], self.open))
        unknown = (ZIGBEE_CHANNEL_BUSY.unknown(),)
        self.look = Observation(self.channel.problems, HOME_ASSISTANT_S, unknown)

    @contextmanager
    def open(self, _now: float) -> Iterator[AdminSession]:
        yield cast(AdminSession, self)

    def entries(self, domain: str) -> tuple[ConfigEntry, ...]:
        return (ConfigEntry("1", domain, "", self.state),)

    def zigbee_scan(self, entry_id: str) -> ZigbeeScan:
        assert entry_id == "1"
        self.scans += 1
        if self.failure:
            raise self.failure
        loud = self.loud.pop(0) if len(self.loud) > 1 else self.loud[0]
        return ZigbeeScan({"11": 40.0, "15": loud, "25": 3.0}, ZhaState(ZhaNetworkInfo(15)))

    def live(self, seconds: float) -> list[str]:
        """Look again and again; return what is found at the end."""
        end, found = self.now + seconds, list[str]()
        while self.now < end:
            found = [one.found or "" for one in self.look.problems(self.now, 0.0) if one.found]
            self.now += LOOK_S
        return found


@pytest.fixture
def radio() -> Radio:
    return Radio()


def test_a_busy_channel_is_a_problem_until_it_is_quiet(radio: Radio) -> None:
    for _ in range(2):
        radio.loud = [92.0]
        found = radio.live(SCAN_S + 1)
        assert found == [
            ZIGBEE_CHANNEL_BUSY.found("channel 15: 92 %; the quietest is 25: 3 %").found
        ]
        radio.loud = [20.0]
        assert radio.live(BUSY_SCAN_S + 1) == []


def test_one_bad_moment_is_no_problem_and_measuring_is_rare(radio: Radio) -> None:
    radio.loud = [*[99.0] * (SCANS - 1), 84.9]
    assert radio.live(LOOK_S) == []
    scans = radio.scans
    assert radio.live(SCAN_S - 2 * LOOK_S) == []
    assert radio.scans == scans == SCANS


def test_nothing_is_measured_while_the_network_does_not_work(radio: Radio) -> None:
    radio.state, radio.loud = "setup_retry", [99.0]
    assert radio.live(2 * SCAN_S) == []
    assert radio.scans == 0
    radio.state = "loaded"
    assert len(radio.live(LOOK_S)) == 1


@pytest.mark.parametrize("loud", [10.0, 99.0])
def test_a_measurement_that_fails_is_as_rare_as_one_that_does_not(
    radio: Radio, loud: float
) -> None:
    radio.loud = [loud]
    found = radio.live(LOOK_S)
    for _ in range(2):
        radio.scans, radio.failure = 0, Unavailable("no answer")
        assert radio.live(DAY_S) == found  # the last one that was measured
        period_s = BUSY_SCAN_S if found else SCAN_S
        assert 0 < radio.scans <= DAY_S / period_s
        radio.failure = None
        radio.live(period_s)


def test_it_is_unknown_until_it_was_measured_once(radio: Radio) -> None:
    radio.failure = Unavailable("no answer")
    radio.live(10 * LOOK_S)
    assert [*radio.look.problems(radio.now, 0.0)] == [ZIGBEE_CHANNEL_BUSY.unknown()]
    assert radio.scans == 1
