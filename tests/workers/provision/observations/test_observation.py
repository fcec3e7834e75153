"""When an observation looks, and what it says between two looks."""

from __future__ import annotations

from collections.abc import Iterator

from hems.errors import Rejected, Unavailable
from hems.supervision.worker.problem import ReportedProblem
from hems.workers.provision.observations import Observation

FOUND, UNKNOWN = ReportedProblem("a", "", "found"), ReportedProblem("a")


class ObservationRound:
    """What each look returns; an error is raised after half of it."""

    def __init__(self, *outcomes: tuple[ReportedProblem, ...] | Exception) -> None:
        self._outcomes = iter(outcomes)
        self.times: list[float] = []

    def __call__(self, now: float, _wall: float) -> Iterator[ReportedProblem]:
        self.times.append(now)
        outcome = next(self._outcomes)
        if isinstance(outcome, Exception):
            yield ReportedProblem("half")
            raise outcome
        yield from outcome


def test_it_looks_once_a_period_and_keeps_what_it_found() -> None:
    looks = ObservationRound((FOUND,), (), (FOUND,))
    observation = Observation(looks, 60.0, (UNKNOWN,))
    seen = [observation.problems(now, 0.0) for now in (5.0, 64.0, 65.0, 124.0, 200.0, 259.0)]
    assert seen == [(FOUND,), (FOUND,), (), (), (FOUND,), (FOUND,)]
    assert looks.times == [5.0, 65.0, 200.0]


def test_a_peer_that_does_not_answer_makes_it_unknown_until_it_does() -> None:
    looks = ObservationRound(Unavailable("away"), (FOUND,), Rejected("403"), ())
    observation = Observation(looks, 60.0, (UNKNOWN,))
    seen = [observation.problems(now, 0.0) for now in (0.0, 59.0, 60.0, 120.0, 180.0)]
    assert seen == [(UNKNOWN,), (UNKNOWN,), (FOUND,), (UNKNOWN,), ()]
