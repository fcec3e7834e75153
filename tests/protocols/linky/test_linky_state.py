from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from hems.protocols.linky.linky_state import iso_time, state
from tests.protocols.linky.samples import SINGLE
from tests.protocols.linky.test_linky_entities import read


def test_euridis_with_security_and_an_index_that_does_not_exist() -> None:
    values = state(read(SINGLE, STGE="00183C00"))
    assert (values["euridis"], values["supplier_index"]) == ("with security", None)


def test_the_status_is_shown_in_words_and_flags() -> None:
    values = state(read(SINGLE, STGE="003A44D9"))
    assert values["breaker"] == "remote order"
    assert (values["over_power"], values["overvoltage"], values["cover"]) == (
        True,
        True,
        True,
    )
    assert state(read(SINGLE))["breaker"] == "closed"


@given(st.integers(0, 6_000_000_000))
def test_a_time_is_written_in_iso_8601(time: int) -> None:
    assert iso_time(time) == datetime.fromtimestamp(time, UTC).isoformat()
    assert iso_time(None) is None
