import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.workers.eesmart_d2l.connection_limits import Connections
from hems.workers.eesmart_d2l.dongle_connection import DongleConnection
from hems.workers.eesmart_d2l.refused_frames import FrameRefused, RefusalReason


class FakeConnection(DongleConnection):
    """A connection without a socket."""

    def __init__(self, address: str = "") -> None:
        self.address = address
        self.evicted: FrameRefused | None = None

    def evict(self, refused: FrameRefused) -> None:
        assert self.evicted is None
        self.evicted = refused


def opened(connections: Connections, count: int, address: str = "") -> list[FakeConnection]:
    added = [FakeConnection(address) for _ in range(count)]
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


def proven(connections: Connections, count: int, device_id: int) -> list[FakeConnection]:
    added = opened(connections, count, f"of {device_id}")
    for connection in added:
        connections.identify(connection, device_id)
        connections.prove(connection)
    return added


def test_the_address_with_most_connections_loses_one_and_a_meter_just_arrived_none() -> None:
    connections = Connections(limit=40, limit_per_device=4)
    (meter,) = opened(connections, 1, "10.0.0.9")
    attackers = [one for n in range(30) for one in opened(connections, 20, f"10.0.1.{n % 15}")]
    assert meter.evicted is None
    assert sum(one.evicted is None for one in attackers) == 39
    connections.identify(meter, 7)


def test_strangers_who_forge_a_devices_frames_take_none_of_its_places() -> None:
    connections = Connections(limit=10, limit_per_device=2)
    own = proven(connections, 2, 7)
    forged = opened(connections, 30, "10.0.0.1")
    for connection in forged[-8:]:
        connections.identify(connection, 7)
    assert [one.evicted for one in own] == [None, None]
    assert sum(one.evicted is None for one in forged) <= 8
    (newest,) = proven(connections, 1, 7)
    assert own[0].evicted is not None
    assert (own[1].evicted, newest.evicted) == (None, None)


def test_a_new_connection_is_refused_when_every_place_is_a_meters() -> None:
    connections = Connections(limit=2, limit_per_device=2)
    proven(connections, 2, 7)
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


@given(st.lists(st.tuples(st.sampled_from("aeio"), st.integers(1, 6)), max_size=60))
def test_the_bounds_hold_whatever_happens(steps: list[tuple[str, int]]) -> None:
    connections = Connections(limit=4, limit_per_device=2)
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
            if alive[connection] is not None:
                connections.prove(connection)
            alive[connection] = alive[connection] or number
            connections.identify(connection, alive[connection] or number)
        elif known:
            connections.remove(known[number % len(known)])
            del alive[known[number % len(known)]]
        check_bounds(connections, [of for one, of in alive.items() if one.evicted is None])


def check_bounds(connections: Connections, device_ids: list[int | None]) -> None:
    """A device has its two proven connections, and two that may be a stranger's."""
    assert len(connections) == len(device_ids) <= 4
    assert all(device_ids.count(one) <= 2 + 2 for one in device_ids if one is not None)
