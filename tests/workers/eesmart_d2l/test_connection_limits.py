import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.workers.eesmart_d2l.connection_limits import Connections
from hems.workers.eesmart_d2l.dongle_connection import DongleConnection
from hems.workers.eesmart_d2l.refused_frames import FrameRefused, RefusalReason


class FakeConnection(DongleConnection):
    """A connection without a socket."""

    def __init__(self) -> None:
        self.evicted: FrameRefused | None = None

    def evict(self, refused: FrameRefused) -> None:
        assert self.evicted is None
        self.evicted = refused


def opened(connections: Connections, count: int) -> list[FakeConnection]:
    added = [FakeConnection() for _ in range(count)]
    for connection in added:
        connections.add(connection)
    return added


def test_the_oldest_silent_connection_gives_way_to_a_new_one() -> None:
    connections = Connections(limit=3, limit_per_device=2)
    meter, first, second = opened(connections, 3)
    connections.identify(meter, 7)
    opened(connections, 1)
    assert [one.evicted is not None for one in (meter, first, second)] == [False, True, False]
    assert first.evicted is not None
    assert first.evicted.reason == RefusalReason.CONNECTIONS
    assert len(connections) == 3


def test_a_new_connection_is_refused_when_every_place_is_a_meters() -> None:
    connections = Connections(limit=2, limit_per_device=2)
    for connection in opened(connections, 2):
        connections.identify(connection, 7)
    with pytest.raises(FrameRefused) as raised:
        opened(connections, 1)
    assert raised.value.reason == RefusalReason.CONNECTIONS
    assert len(connections) == 2


def test_a_device_that_connects_again_replaces_its_oldest_connection() -> None:
    connections = Connections(limit=10, limit_per_device=2)
    old, other, new = opened(connections, 3)
    connections.identify(other, 8)
    for connection in (old, new):
        connections.identify(connection, 7)
    newest = opened(connections, 1)[0]
    connections.identify(newest, 7)
    assert old.evicted is not None
    assert (other.evicted, new.evicted, newest.evicted) == (None, None, None)


def test_identifying_a_connection_again_changes_nothing() -> None:
    connections = Connections(limit=10, limit_per_device=1)
    (connection,) = opened(connections, 1)
    for _ in range(3):
        connections.identify(connection, 7)
    assert connection.evicted is None


def test_two_devices_on_one_connection_are_refused() -> None:
    connections = Connections(limit=10, limit_per_device=1)
    (connection,) = opened(connections, 1)
    connections.identify(connection, 7)
    with pytest.raises(FrameRefused, match="found 000000000008, expected 000000000007") as raised:
        connections.identify(connection, 8)
    assert raised.value.reason == RefusalReason.OTHER_DEVICE


def test_removing_an_evicted_connection_is_fine() -> None:
    connections = Connections(limit=1, limit_per_device=1)
    (evicted,) = opened(connections, 1)
    opened(connections, 1)
    connections.remove(evicted)
    assert len(connections) == 1


@given(st.lists(st.tuples(st.sampled_from("aeio"), st.integers(0, 5)), max_size=60))
def test_the_bounds_hold_whatever_happens(steps: list[tuple[str, int]]) -> None:
    limit, per_device = 4, 2
    connections = Connections(limit, per_device)
    alive: dict[FakeConnection, int | None] = {}
    for action, number in steps:
        known = [one for one in alive if one.evicted is None]
        gone = [one for one in alive if one.evicted is not None]
        if gone and action == "e":
            with pytest.raises(FrameRefused):
                connections.identify(gone[number % len(gone)], number)
        elif action == "a":
            connection = FakeConnection()
            try:
                connections.add(connection)
            except FrameRefused:
                continue
            alive[connection] = None
        elif known and action == "i":
            connection = known[number % len(known)]
            if alive[connection] is None:
                alive[connection] = number
                connections.identify(connection, number)
        elif known:
            connections.remove(known[number % len(known)])
            del alive[known[number % len(known)]]
        kept = [device for one, device in alive.items() if one.evicted is None]
        devices = [device for device in kept if device is not None]
        assert len(connections) == len(kept) <= limit
        assert all(devices.count(device) <= per_device for device in devices)
