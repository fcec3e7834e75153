import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.errors import Unavailable
from hems.system.log_follower import CHUNK, MAX_LINE, LogFollower


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home-assistant.log"


@pytest.fixture
def follower(path: Path) -> Iterator[LogFollower]:
    follower = LogFollower(path)
    yield follower
    follower.close()


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def everything(follower: LogFollower) -> list[str]:
    """Return all lines until there is no more to read now."""
    lines = follower.lines()
    while follower.has_more:
        lines += follower.lines()
    return lines


def test_what_was_there_before_is_old_news(path: Path, follower: LogFollower) -> None:
    append(path, b"old\n")
    assert everything(follower) == []
    append(path, b"new\n")
    assert everything(follower) == ["new"]
    assert everything(follower) == []


def test_no_file_is_unavailable_and_names_the_path(path: Path, follower: LogFollower) -> None:
    with pytest.raises(Unavailable, match=f"{path}: No such file"):
        follower.lines()


def test_a_file_that_appears_is_read_from_its_begin(path: Path, follower: LogFollower) -> None:
    with pytest.raises(Unavailable):
        follower.lines()
    append(path, b"first\nsecond\n")
    assert everything(follower) == ["first", "second"]


def test_a_line_counts_once_it_is_whole(path: Path, follower: LogFollower) -> None:
    path.touch()
    everything(follower)
    for part, whole in ((b"be", []), (b"gin", []), (b" end\nnext", ["begin end"])):
        append(path, part)
        assert everything(follower) == whole


def test_a_moved_file_is_read_to_its_end_before_the_new_one(
    path: Path, follower: LogFollower
) -> None:
    path.touch()
    everything(follower)
    append(path, b"last words\n")
    path.rename(path.with_suffix(".log.1"))
    append(path, b"a new start\n")
    assert everything(follower) == ["last words", "a new start"]


def test_a_writer_that_ended_within_a_line_is_heard(path: Path, follower: LogFollower) -> None:
    path.touch()
    everything(follower)
    append(path, b"no line break")
    path.rename(path.with_suffix(".log.1"))
    append(path, b"new\n")
    assert everything(follower) == ["no line break", "new"]


def test_between_move_and_new_file_the_old_one_is_followed(
    path: Path, follower: LogFollower
) -> None:
    path.touch()
    everything(follower)
    moved = path.with_suffix(".log.1")
    path.rename(moved)
    append(moved, b"still here\n")
    assert everything(follower) == ["still here"]
    append(path, b"new\n")
    assert everything(follower) == ["new"]


def test_every_rotation_is_followed(path: Path, follower: LogFollower) -> None:
    path.touch()
    everything(follower)
    for number in range(20):
        path.rename(path.with_suffix(".log.1"))
        append(path, b"start %d\n" % number)
        assert everything(follower) == [f"start {number}"]


def test_a_truncated_file_is_read_from_its_begin(path: Path, follower: LogFollower) -> None:
    append(path, b"a long old line\n")
    everything(follower)
    append(path, b"half a li")
    everything(follower)
    path.write_bytes(b"short\n")
    assert everything(follower) == ["short"]


def test_a_deleted_file_that_comes_back_is_read_from_its_begin(
    path: Path, follower: LogFollower
) -> None:
    append(path, b"old\n")
    everything(follower)
    path.unlink()
    assert everything(follower) == []
    append(path, b"back\n")
    assert everything(follower) == ["back"]


def test_bytes_that_are_not_utf8_are_replaced(path: Path, follower: LogFollower) -> None:
    path.touch()
    everything(follower)
    append(path, b"a\xff\xfeb\n\x80\nwell: \xc3\xa9\n")
    assert everything(follower) == ["a��b", "�", "well: é"]


def test_a_burst_of_20_mb_is_read_in_bounded_steps(path: Path, follower: LogFollower) -> None:
    path.touch()
    everything(follower)
    block = b"".join(b"%0200d\n" % number for number in range(5000))
    with path.open("ab") as file:
        for _ in range(20):
            file.write(block)
    tracemalloc.start()
    steps, count, largest = 0, 0, 0
    while follower.has_more or not steps:
        lines = follower.lines()
        steps, count, largest = steps + 1, count + len(lines), max(largest, len(lines))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 20 * 5000
    assert largest <= CHUNK / 201 + 1
    assert steps == 20 * len(block) // CHUNK + 1
    assert peak < 10 * CHUNK


def test_a_line_without_an_end_is_not_kept_for_ever(path: Path, follower: LogFollower) -> None:
    path.touch()
    everything(follower)
    append(path, b"head " + b"x" * (3 * CHUNK))
    assert everything(follower) == []
    append(path, b"\nnext\n")
    first, second = everything(follower)
    assert first.startswith("head xxx")
    assert len(first) == MAX_LINE
    assert second == "next"


def test_a_directory_in_its_place_is_unavailable(path: Path, follower: LogFollower) -> None:
    path.mkdir()
    with pytest.raises(Unavailable, match="Is a directory"):
        follower.lines()


@given(st.lists(st.tuples(st.sampled_from(["write", "move", "look"]), st.binary(max_size=40))))
def test_whatever_is_written_and_moved_between_looks_nothing_whole_is_lost(
    tmp_path_factory: pytest.TempPathFactory, actions: list[tuple[str, bytes]]
) -> None:
    """At most one move between two looks: the one before the last is gone from sight."""
    path = tmp_path_factory.mktemp("log") / "a.log"
    path.touch()
    follower = LogFollower(path)
    lines, written = everything(follower), []
    for action, data in actions:
        if action == "write":
            line = data.replace(b"\n", b"").hex()
            append(path, line.encode() + b"\n")
            written.append(line)
        elif action == "move":
            lines += everything(follower)
            path.rename(path.with_suffix(".log.1"))
            path.touch()
        else:
            lines += everything(follower)
    lines += everything(follower)
    follower.close()
    assert [line for line in lines if line] == [line for line in written if line]
