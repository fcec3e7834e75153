"""The list of problems: what units report of themselves, and what supervision sees of them.

A problem begins when it is first reported. It is listed once it has lasted for the patience of its
kind, and is over once it has been gone for long enough. A process that restarts, or that does not
know, changes nothing: its problems stay as they were. Times are monotonic seconds; `wall` is unix
time (s). A start is shown by the wall clock as it is now, so that a clock that is set later
corrects it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from hems.supervision.units.unit_phase import RESTING, UnitPhase
from hems.supervision.units.unit_state_machine import Unit
from hems.supervision.units.unit_state_problems import SEEN_HERE, STOPPED, observed_problems
from hems.supervision.worker.problem import ProblemKind, ReportedProblem, about

UPDATE_S = 2.0
MAX_WATCHED = 1000  # problems of one unit: more than one report can have
CLOCK_STEP_S = 5.0  # a smaller change of the wall clock does not change the start that is shown

Log = Callable[[str], None]
Key = tuple[str, str]  # name and subject


class ListedProblem(NamedTuple):
    """A problem for people: `since` is ISO 8601 in UTC, `began_at` the same as monotonic s."""

    name: str
    subject: str
    title: str
    since: str
    found: str
    what_to_do: str
    who: str
    began_at: float


class _Watched:
    """A problem from its first report on; `since` (unix s) if it was listed before a restart."""

    def __init__(
        self, found: str, began_at: float, seen_at: float, since: float | None = None
    ) -> None:
        self.found = found
        self.began_at = began_at
        self.seen_at = seen_at
        self.is_listed = since is not None
        self.since = since


class ProblemList:
    """The problems of all units by the unit's name; `kinds` has the texts and the patience."""

    def __init__(self, kinds: Mapping[str, ProblemKind], warn: Log, inform: Log) -> None:
        self._kinds = kinds
        self._warn = warn
        self._inform = inform
        self._watched: dict[str, dict[Key, _Watched]] = {}
        self._next_update_at = float("-inf")

    def update(self, now: float, wall: float, units: Callable[[], Mapping[str, Unit]]) -> None:
        """Update the list if it is due: every UPDATE_S seconds, in a round of the loop."""
        if now >= self._next_update_at:
            self._next_update_at = now + UPDATE_S
            current = units()
            for name in self._watched.keys() | current.keys():
                self._update_unit(name, current.get(name), now, wall)

    def of(self, unit: str) -> tuple[ListedProblem, ...]:
        """Return the problems of a unit, the oldest first."""
        listed = [
            self._listed(key, problem, problem.since)
            for key, problem in self._watched.get(unit, {}).items()
            if problem.since is not None
        ]
        return tuple(sorted(listed, key=lambda problem: problem.began_at))

    def restore(
        self, unit: str, problems: Iterable[ListedProblem], now: float, wall: float
    ) -> None:
        """Continue the problems that an earlier supervisord listed, since the same boot."""
        watched = self._watched.setdefault(unit, {})
        for problem in problems:
            since = wall - (now - problem.began_at)
            key = (problem.name, problem.subject)
            watched[key] = _Watched(problem.found, problem.began_at, now, since)

    def _update_unit(self, name: str, unit: Unit | None, now: float, wall: float) -> None:
        watched = self._watched.pop(name, {})
        for report in _reports(unit, watched, now) if unit else ():
            self._observe(watched, report, now)
        for key, problem in list(watched.items()):
            if problem.seen_at < now and now - problem.seen_at >= self._kind(key).gone_s:
                self._end(key, watched.pop(key))
            elif problem.is_listed:
                self._list(key, problem, wall - (now - problem.began_at))
        if watched:
            self._watched[name] = watched

    def _observe(self, watched: dict[Key, _Watched], report: ReportedProblem, now: float) -> None:
        key = (report.name, report.subject)
        if report.found is not None:
            if key not in watched and len(watched) >= MAX_WATCHED:
                return
            problem = watched.setdefault(key, _Watched(report.found, now, now))
            problem.found, problem.seen_at = report.found, now
            problem.is_listed |= now - problem.began_at >= self._kind(key).patience_s
        else:
            for (name, subject), problem in watched.items():
                if name == report.name and report.subject in ("", subject):
                    problem.seen_at = now

    def _list(self, key: Key, problem: _Watched, since: float) -> None:
        if problem.since is None:
            self._warn(f"problem {_label(key)}: {problem.found}")
        if problem.since is None or abs(since - problem.since) >= CLOCK_STEP_S:
            problem.since = since

    def _end(self, key: Key, problem: _Watched) -> None:
        if problem.since is not None:
            lasted_s = problem.seen_at - problem.began_at
            self._inform(f"problem {_label(key)} is over after {lasted_s:.0f} s")

    def _listed(self, key: Key, problem: _Watched, since: float) -> ListedProblem:
        kind, (name, subject) = self._kind(key), key
        return ListedProblem(
            name=name,
            subject=subject,
            title=about(kind.title, subject),
            since=datetime.fromtimestamp(since, UTC).isoformat(timespec="seconds"),
            found=problem.found,
            what_to_do=about(kind.what_to_do, subject),
            who=kind.who.value,
            began_at=round(problem.began_at, 3),
        )

    def _kind(self, key: Key) -> ProblemKind:
        return self._kinds.get(key[0]) or ProblemKind(key[0])


def load_kinds(name: str, log: Log) -> Mapping[str, ProblemKind]:
    """Return the kinds of the table `name` (package.module:TABLE) by name, none after an error."""
    module, _, attribute = name.partition(":")
    try:
        table = getattr(importlib.import_module(module), attribute) if name else ()
        return {kind.name: kind for kind in table}
    except Exception as error:  # noqa: BLE001 - no import may end supervisord
        log(f"problem_kinds = {name}: {type(error).__name__}: {error}; problems have no advice")
        return {}


def _reports(unit: Unit, watched: Mapping[Key, _Watched], now: float) -> Iterator[ReportedProblem]:
    """Yield what is known of a unit now. A unit at rest has no problem but that it rests."""
    yield from observed_problems(unit, now)
    if unit.phase in RESTING or unit.phase is UnitPhase.EXITED:
        stopped = watched.get((STOPPED, unit.spec.name))
        if stopped is None or stopped.is_listed:
            return  # otherwise this may be a restart by hand
    elif unit.problems is not None:
        yield from unit.problems
        return
    # It has not reported since its last start.
    yield from (ReportedProblem(*key) for key in watched if key[0] not in SEEN_HERE)


def _label(key: Key) -> str:
    return " ".join(part for part in key if part)
