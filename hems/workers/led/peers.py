"""What the lamps speak of: Home Assistant, the watchdog, and the internet if that is silent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TypeVar

from hems.errors import ProtocolError, Unavailable
from hems.protocols import watchdog_state
from hems.protocols.watchdog_state import Internet, WatchdogState
from hems.workers.led.meaning import HomeAssistant, Seen

REBOOTS = "the internet (reboots do not help)"
MEMORY = "the watchdog's memory (it cannot be written)"
ASK_S = 8.0  # pages, and then connections, are asked for so long; the last takes its own time

Monotonic = Callable[[], float]
Question = TypeVar("Question")


@dataclass(frozen=True)
class Peers:
    """How each is asked. Every call has its timeout and raises Unavailable or OSError.

    `http_status` and `ping` are Home Assistant's; `read_watchdog` returns the bytes of the
    watchdog's state. Each of `pages` asks one on the internet and tells whether a portal
    answered in its place; each of `connections` is another way to reach the internet.
    """

    http_status: Callable[[], int]
    ping: Callable[[], None]
    read_watchdog: Callable[[], bytes]
    pages: Sequence[Callable[[], bool]]
    connections: Sequence[Callable[[], None]]
    has_link: Callable[[], bool]

    def look(self, monotonic: Monotonic) -> Seen:
        """Ask everybody once. Takes as long as the timeouts and ASK_S allow."""
        home_assistant = self._home_assistant()
        try:
            state = self._watchdog_state(monotonic)
        except Unavailable as error:
            return Seen(home_assistant, self._internet(monotonic), watchdog_away=str(error))
        given_up = state.given_up + ((REBOOTS,) if state.is_reboot_budget_exhausted else ())
        given_up += (MEMORY,) if state.is_data_unwritable else ()
        return Seen(home_assistant, state.internet, given_up)

    def _home_assistant(self) -> HomeAssistant:
        """Ask for a page, and ping if that fails: an answer over HTTP proves the host too."""
        try:
            if self.http_status() < 500:
                return HomeAssistant.ANSWERS
        except (Unavailable, ProtocolError):
            pass
        return HomeAssistant.SILENT if _succeeds(self.ping) else HomeAssistant.GONE

    def _watchdog_state(self, monotonic: Monotonic) -> WatchdogState:
        """Return the watchdog's state. Raises Unavailable unless it may be believed."""
        try:
            return watchdog_state.believed(self.read_watchdog(), monotonic())
        except OSError as error:
            raise Unavailable(f"its state cannot be read: {error.strerror}") from None
        except ProtocolError as error:
            raise Unavailable(str(error)) from None

    def _internet(self, monotonic: Monotonic) -> Internet:
        beyond = self._beyond(monotonic)
        if beyond is not None:
            return beyond
        try:
            return Internet.LAN_ONLY if self.has_link() else Internet.NO_LINK
        except Unavailable:  # the kernel does not say: the lesser claim
            return Internet.LAN_ONLY

    def _beyond(self, monotonic: Monotonic) -> Internet | None:
        """Return what is beyond the local network: ONLINE, PORTAL or, if nothing is, None."""
        is_portal = False
        for page in _in_time(self.pages, monotonic):
            try:
                if not page():
                    return Internet.ONLINE
                is_portal = True
            except Unavailable:
                continue
        if is_portal:  # it may let a connection pass, so that proves nothing now
            return Internet.PORTAL
        reaches = any(_succeeds(reach) for reach in _in_time(self.connections, monotonic))
        return Internet.ONLINE if reaches else None


def _succeeds(ask: Callable[[], None]) -> bool:
    try:
        ask()
    except Unavailable:
        return False
    return True


def _in_time(questions: Sequence[Question], monotonic: Monotonic) -> Iterator[Question]:
    """Yield `questions` while there is time: more of them make no look longer."""
    end = monotonic() + ASK_S
    return takewhile(lambda _: monotonic() < end, questions)
