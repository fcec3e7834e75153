"""The compose project comes up, and every worker says that it is well."""

import pytest

from tests.image.fleet import Fleet
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.image


def test_every_worker_is_ready(fleet: Fleet) -> None:
    eventually(fleet.is_green, 30, "green")
