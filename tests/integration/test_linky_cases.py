"""Cases of a Linky's frames in the real worker, with what the broker retains after each."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.linky_replay import STATE, RealReplay
from tests.integration.mosquitto import Mosquitto, Observer
from tests.integration.worker_process import eventually
from tests.linky_cases import LinkyCase, all_cases, faults

pytestmark = pytest.mark.integration

CASES = [case for case in all_cases() if not case.right.get("virtual")]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_worker_publishes_what_is_right(
    tmp_path: Path, broker: Mosquitto, observer: Observer, case: LinkyCase
) -> None:
    with RealReplay(tmp_path, broker, observer) as replay:
        states = replay.run(case)
        assert faults(case, states, replay.components) == [], replay.worker.log()


def test_the_first_frame_waits_for_the_broker(tmp_path: Path, broker: Mosquitto) -> None:
    """What the broker retains judges the first frame also when the broker starts later."""
    case = next(case for case in CASES if case.name == "05-restart-then-high")
    first, _, wrong, *others = case.steps
    with Observer(broker.port) as observer, RealReplay(tmp_path, broker, observer) as replay:
        replay.push(first)
        broker.freeze()
        replay.restart()
        replay.push(wrong)
        replay.push(others[0])
        broker.thaw()
        replay.push(others[1])
        eventually(
            lambda: observer.newest_json(STATE).get("east") == 12_300_030, 15, "the newest reading"
        )
        assert "912300010" not in "".join(observer.of(STATE))
