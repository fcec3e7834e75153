"""A log whose reader pauses: nothing waits, and nothing is lost without a word."""

import os
import socket
from collections.abc import Iterator

import pytest
from pytest_mock import MockerFixture

from hems.supervision.logs.log_queue import LIMIT, LogQueue

LINE = b"x" * 99 + b"\n"
PIPE = 65536


class Pipe:
    """A pipe with an outlet before it; `reports` has the numbers of dropped lines."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()
        os.set_blocking(self.reader, False)
        self.reports: list[int] = []
        self.outlet = LogQueue(self.writer, self.reports.append)

    def read(self) -> bytes:
        """Read until the pipe and the queue are empty."""
        data = b""
        while True:
            try:
                if not (more := os.read(self.reader, PIPE)):
                    return data
                data += more
            except BlockingIOError:
                if not self.outlet.is_waiting:
                    return data
                self.outlet.send()

    def write(self, count: int) -> None:
        for _ in range(count):
            self.outlet.write(LINE)

    def close(self) -> None:
        self.outlet.close(0)
        os.close(self.reader)
        os.close(self.writer)


@pytest.fixture(params=["own", "of another user"])
def pipe(request: pytest.FixtureRequest, mocker: MockerFixture) -> Iterator[Pipe]:
    if request.param != "own":
        mocker.patch("os.open", side_effect=PermissionError)
    pipe = Pipe()
    yield pipe
    pipe.close()


def test_a_line_goes_out_at_once(pipe: Pipe) -> None:
    pipe.outlet.write(LINE)
    assert not pipe.outlet.is_waiting
    assert os.read(pipe.reader, PIPE) == LINE


def test_what_the_reader_does_not_take_waits_in_order(pipe: Pipe) -> None:
    lines = [b"%d\n" % number for number in range(20_000)]
    for line in lines:
        pipe.outlet.write(line)
    assert pipe.outlet.is_waiting
    assert pipe.read() == b"".join(lines)
    assert pipe.reports == []


def test_lines_that_do_not_fit_are_counted_each_time(pipe: Pipe) -> None:
    for episode in (1, 2):
        pipe.write(10_000)
        assert len(pipe.reports) == episode - 1
        received = pipe.read().count(b"\n")
        assert len(pipe.reports) == episode
        assert received + pipe.reports[-1] == 10_000
        assert received * len(LINE) <= LIMIT + PIPE


def test_while_lines_are_dropped_no_later_line_overtakes_the_report(pipe: Pipe) -> None:
    pipe.write(10_000)
    os.read(pipe.reader, PIPE)
    pipe.outlet.send()
    pipe.outlet.write(b"late\n")
    assert b"late" not in pipe.read()
    pipe.outlet.write(b"later\n")
    assert pipe.read() == b"later\n"


def test_the_shared_descriptor_still_waits(pipe: Pipe) -> None:
    assert os.get_blocking(pipe.writer)


def test_a_reader_that_is_gone_does_not_matter() -> None:
    pipe = Pipe()
    os.close(pipe.reader)
    pipe.write(3)
    assert not pipe.outlet.is_waiting
    pipe.reader = os.open(os.devnull, os.O_RDONLY)
    pipe.close()


def test_the_end_waits_for_the_reader_but_not_for_long(pipe: Pipe) -> None:
    pipe.write(1000)
    pipe.outlet.close(0.01)
    assert pipe.reports == []


def test_a_socket_is_written_without_waiting() -> None:
    reader, writer = socket.socketpair()
    with reader, writer:
        reports: list[int] = []
        outlet = LogQueue(writer.fileno(), reports.append)
        for _ in range(10_000):
            outlet.write(LINE)
        assert outlet.is_waiting
        assert reader.recv(100) == LINE
        outlet.close(0)
