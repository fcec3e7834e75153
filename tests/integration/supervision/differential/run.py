"""Run scenarios under one manager, several at a time."""

from __future__ import annotations

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from tests.integration.supervision.differential.scenario import Scenario
from tests.integration.supervision.differential.state_history import StateHistory

AT_ONCE = 12
START_S, STEP_S = 20.0, 8.0
States = dict[str, list[str]]


class Manager(Protocol):
    """What starts and stops units, and the history of their states."""

    history: StateHistory
    is_library: bool

    def is_ready(self) -> bool: ...

    def is_over(self) -> bool: ...

    def do(self, verb: str, unit: str, *words: str) -> None: ...


def until_ready(manager: Manager) -> bool:
    """Wait until it answers; return False if it has ended or does not in time."""
    end = time.monotonic() + START_S
    while not manager.is_ready():
        if manager.is_over() or time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def run_all(manager: Manager, scenarios: Iterable[Scenario]) -> dict[str, States]:
    """Return the states of each scenario's units, once all scenarios are over."""
    kept = list(scenarios)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda one: _run(manager, one), kept))
    return {one.name: states(manager, one) for one in kept}


def states(manager: Manager, scenario: Scenario) -> States:
    return {unit: manager.history.states(scenario.full_name(unit)) for unit in scenario.units}


def _run(manager: Manager, scenario: Scenario) -> None:
    for action in scenario.actions:
        verb, unit, *words = action.split()
        name = scenario.full_name(unit)
        if verb == "until":
            _until(manager, name, *words)
        else:
            manager.do(verb, name, *words)
    expected = scenario.expected(is_library=manager.is_library)
    manager.history.wait(lambda: states(manager, scenario) == expected, STEP_S)


def _until(manager: Manager, unit: str, state: str, count: str = "1") -> None:
    history = manager.history
    history.wait(lambda: history.states(unit).count(state) >= int(count), STEP_S)
