from dataclasses import dataclass, field

from dev.simulator.zigbee.ash_framing import AshFrameReader, encode, whiten
from dev.simulator.zigbee.ash_link import ACK_S, MAX_TRIES, MAX_WAITING, AshLink
from tests.fakes.scheduler import FakeScheduler

RSTACK, ERROR = b"\xc1\x02\x0b", b"\xc2\x02\x51"


@dataclass
class Host:
    """The other end of the line; `frames` are the stick's, `taken` what the stick has received."""

    scheduler: FakeScheduler = field(default_factory=FakeScheduler)
    taken: list[bytes] = field(default_factory=list)
    resets: int = 0

    def __post_init__(self) -> None:
        self._reader = AshFrameReader()
        self._frames: list[bytes] = []
        self.link = AshLink(self.scheduler, self._write, self._reset, self.taken.append)

    def send(self, control: int, data: bytes = b"") -> list[bytes]:
        """Send a frame and return what the stick sends then."""
        self.link.receive(encode(bytes((control,)) + data))
        return self.frames()

    def frames(self) -> list[bytes]:
        sent, self._frames = self._frames, []
        return sent

    def _write(self, data: bytes) -> None:
        self._frames += [frame for frame in self._reader.receive(data) if frame]

    def _reset(self) -> None:
        self.resets += 1


def connected() -> Host:
    host = Host()
    assert host.send(0xC0) == [RSTACK]
    return host


def data(control: int, content: bytes) -> bytes:
    return bytes((control,)) + whiten(content)


def test_a_stick_says_nothing_before_the_first_reset() -> None:
    host = Host()
    host.link.send(b"lost")
    assert host.send(0x00, whiten(b"one")) == []
    host.link.receive(b"noise\x7e")
    assert host.frames() == []
    assert host.send(0xC0) == [RSTACK]
    assert (host.resets, host.taken) == (1, [])


def test_data_is_taken_once_and_acknowledged() -> None:
    host = connected()
    for number in range(9):  # the numbers begin again after 7
        assert host.send(number % 8 << 4, whiten(b"%d" % number)) == [
            bytes((0x80 | (number + 1) % 8,))
        ]
    assert host.send(0x08, whiten(b"8")) == [b"\x81"]  # the last one again, as a repeat
    assert host.taken == [b"%d" % number for number in range(9)]


def test_a_gap_and_a_damaged_frame_are_asked_for_again() -> None:
    host = connected()
    assert host.send(0x20, whiten(b"two")) == [b"\xa0"]
    host.link.receive(b"noise\x7e")
    assert host.frames() == [b"\xa0"]
    assert host.taken == []


def test_one_frame_is_open_at_a_time() -> None:
    host = connected()
    host.link.send(b"first")
    host.link.send(b"second")
    assert host.frames() == [data(0x00, b"first")]
    assert host.send(0x80) == []  # an acknowledgement of nothing new
    assert host.send(0x81) == [data(0x10, b"second")]
    host.link.send(b"third")
    assert host.send(0x02, whiten(b"question")) == [data(0x20, b"third"), b"\x81"]


def test_what_is_not_acknowledged_is_repeated_and_then_given_up() -> None:
    host = connected()
    for _ in range(2):
        host.link.send(b"lost")
        assert host.frames() == [data(0x00, b"lost")]
        assert host.send(0xA0) == [data(0x08, b"lost")]  # the host asks for it
        host.scheduler.advance(ACK_S * MAX_TRIES)
        assert host.frames() == [data(0x08, b"lost")] * (MAX_TRIES - 2) + [ERROR]
        assert not host.link.is_open
        host.scheduler.advance(100)
        assert host.frames() == []
        assert host.send(0xC0) == [RSTACK]


def test_a_reset_forgets_what_was_open() -> None:
    host = connected()
    host.link.send(b"old")
    host.link.send(b"older")
    host.frames()
    assert host.send(0xC0) == [RSTACK]
    host.scheduler.advance(100)
    assert host.frames() == []
    host.link.send(b"new")
    assert host.frames() == [data(0x00, b"new")]


def test_a_host_that_never_acknowledges_takes_no_memory() -> None:
    host = connected()
    for number in range(2 * MAX_WAITING):
        host.link.send(b"%d" % number)
    assert len(host.link._waiting) == MAX_WAITING
