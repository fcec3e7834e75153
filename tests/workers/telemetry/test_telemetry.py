import pytest

from hems.errors import Unavailable
from hems.settings import Settings
from hems.workers.telemetry import Telemetry
from hems.workers.telemetry.sources import sources
from tests.fakes.time import context


def test_it_does_not_begin_without_a_login_at_the_broker() -> None:
    worker = Telemetry(Settings(), sources(Settings()), "7", "", None)
    with pytest.raises(Unavailable, match="there is no login at the broker yet"):
        worker.run(context(1.0)[0])
