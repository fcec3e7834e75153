"""The stick's end of an ASH link: frame numbers, acknowledgements, repeats (UG101, section 5).

A control byte is one of these (n: the frame's number, r: a repeat, a: the number expected next):
0nnnraaa  data, with an EZSP frame
100xxaaa  ACK
101xxaaa  NAK: send again from a on
0xC0 RST, 0xC1 RSTACK, 0xC2 ERROR
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from dev.simulator.zigbee.ash_framing import AshFrameReader, encode, whiten
from dev.simulator.zigbee.scheduler_interface import Scheduler, Timer

ACK, NAK, RST, RSTACK, ERROR = 0x80, 0xA0, 0xC0, 0xC1, 0xC2
KIND, REPEAT, NUMBER = 0xE0, 0x08, 0x07  # masks
ASH_VERSION, RESET_BY_HOST, TOO_MANY_TIMEOUTS = 0x02, 0x0B, 0x51
ACK_S, MAX_TRIES = 1.6, 5
MAX_WAITING = 200  # frames for a host that acknowledges none


class AshLink:
    """Carries EZSP frames once the host has reset the link; one data frame at a time is open.

    `write` puts bytes on the line, `on_reset` restarts the stick, `on_frame` takes a frame.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        write: Callable[[bytes], None],
        on_reset: Callable[[], None],
        on_frame: Callable[[bytes], None],
    ) -> None:
        self._scheduler = scheduler
        self._write = write
        self._on_reset = on_reset
        self._on_frame = on_frame
        self._timer: Timer | None = None
        self.close()

    def close(self) -> None:
        """Forget the host: the line is gone, or the stick was switched off."""
        self._stop_timer()
        self._reader = AshFrameReader()
        self.is_open = False
        self._expected = self._number = 0  # the host's next frame, and the stick's
        self._waiting: deque[bytes] = deque(maxlen=MAX_WAITING)
        self._open_frame: bytes | None = None
        self._tries = 0

    def receive(self, data: bytes) -> None:
        """Take bytes from the line."""
        for frame in self._reader.receive(data):
            if frame is not None:
                self._take(frame)
            elif self.is_open:
                self._send_control(NAK | self._expected)

    def send(self, frame: bytes) -> None:
        """Send an EZSP frame; without a host it is lost."""
        if self.is_open:
            self._waiting.append(frame)
            self._send_next()

    def _take(self, frame: bytes) -> None:
        control = frame[0]
        if control == RST:
            self.close()
            self.is_open = True
            self._on_reset()
            self._send_control(RSTACK, ASH_VERSION, RESET_BY_HOST)
        elif not self.is_open:
            return  # until it is reset, a stick says nothing
        elif not control & 0x80:
            self._take_data(control, whiten(frame[1:]))
        elif control & KIND in (ACK, NAK):
            self._take_acknowledgement(control & NUMBER)
            if control & KIND == NAK and self._open_frame is not None:
                self._transmit(REPEAT)

    def _take_data(self, control: int, frame: bytes) -> None:
        self._take_acknowledgement(control & NUMBER)
        if control >> 4 & NUMBER != self._expected:
            self._send_control((ACK if control & REPEAT else NAK) | self._expected)
            return
        self._expected = (self._expected + 1) & NUMBER
        self._send_control(ACK | self._expected)
        self._on_frame(frame)

    def _take_acknowledgement(self, number: int) -> None:
        if self._open_frame is not None and number == (self._number + 1) & NUMBER:
            self._open_frame, self._number = None, number
            self._stop_timer()
            self._send_next()

    def _send_next(self) -> None:
        if self._open_frame is None and self._waiting:
            self._open_frame, self._tries = self._waiting.popleft(), 0
            self._transmit()

    def _transmit(self, repeat: int = 0) -> None:
        self._stop_timer()
        self._tries += 1
        if self._tries > MAX_TRIES:
            self._send_control(ERROR, ASH_VERSION, TOO_MANY_TIMEOUTS)
            self.close()
            return
        control = self._number << 4 | repeat | self._expected
        self._timer = self._scheduler.call_later(ACK_S, lambda: self._transmit(REPEAT))
        self._write(encode(bytes((control,)) + whiten(self._open_frame or b"")))

    def _send_control(self, *frame: int) -> None:
        self._write(encode(bytes(frame)))

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
