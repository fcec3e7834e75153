"""Descriptors that are kept for the next process."""

import os
import socket
from collections.abc import Iterator

import pytest

from hems.supervision.sockets.descriptor_store import DescriptorStore


@pytest.fixture
def store() -> Iterator[DescriptorStore]:
    store = DescriptorStore(2)
    yield store
    store.clear()


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


def test_a_duplicate_is_kept_under_its_name(store: DescriptorStore, pipe: tuple[int, int]) -> None:
    assert store.add("a", [pipe[1]], is_polled=True) == 0
    [(name, own)] = store.descriptors()
    os.write(own, b"x")
    assert (name, os.read(pipe[0], 1)) == ("a", b"x")
    assert own not in pipe
    assert not os.get_inheritable(own)


def test_what_is_beyond_the_limit_is_refused(store: DescriptorStore) -> None:
    pairs = [socket.socketpair() for _ in range(2)]
    try:
        numbers = [end.fileno() for pair in pairs for end in pair]
        assert store.add("a", numbers, is_polled=True) == 2
    finally:
        for pair in pairs:
            for end in pair:
                end.close()


def test_each_end_of_a_pipe_is_stored_once(store: DescriptorStore, pipe: tuple[int, int]) -> None:
    for _ in range(3):
        assert store.add("a", pipe, is_polled=True) == 0
    assert len(store.descriptors()) == 2


def test_all_of_a_name_are_removed(store: DescriptorStore, pipe: tuple[int, int]) -> None:
    other = os.open(os.devnull, os.O_RDONLY)
    store.add("a", [pipe[0]], is_polled=True)
    store.add("b", [other], is_polled=True)
    os.close(other)
    store.remove("a")
    assert [name for name, _ in store.descriptors()] == ["b"]


@pytest.mark.parametrize(("is_polled", "left"), [(True, 0), (False, 1)])
def test_one_that_hung_up_is_closed_unless_fdpoll_is_0(
    store: DescriptorStore, *, is_polled: bool, left: int
) -> None:
    one, other = socket.socketpair()
    with one, other:
        store.add("a", [one.fileno()], is_polled=is_polled)
        assert len(store.descriptors()) == 1
    assert len(store.descriptors()) == left


def test_an_empty_store_has_closed_its_descriptors(
    store: DescriptorStore, pipe: tuple[int, int]
) -> None:
    store.add("a", [pipe[0]], is_polled=True)
    [(_, own)] = store.descriptors()
    store.clear()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(own)


def test_an_error_at_a_close_does_not_keep_the_others_open(
    store: DescriptorStore, pipe: tuple[int, int]
) -> None:
    store.add("a", pipe, is_polled=True)
    (_, first), (_, second) = store.descriptors()
    os.close(first)
    store.clear()
    assert store.descriptors() == []
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(second)
