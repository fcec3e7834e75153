"""Restarts, calls and reloads leave nothing behind; `tests.bench` does many more."""

import pytest

from tests.integration.supervision.rig import Rig
from tests.integration.supervision.soak import soak

pytestmark = pytest.mark.integration

MAX_KILOBYTES = 700  # the allocator's noise; a leak of 1 kB per restart would be more


def test_many_restarts_calls_and_reloads_leave_nothing_behind(rig: Rig) -> None:
    for phase, kept in soak(rig, restarts=500, calls=100, reloads=3).items():
        assert kept.kilobytes < MAX_KILOBYTES, phase
        assert kept.descriptors <= 0, phase
