"""What the lamps speak of: Home Assistant, the watchdog, and the internet if that is silent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hems.errors import ProtocolError, Unavailable
from hems.protocols import watchdog_state
from hems.protocols.watchdog_state import Internet, WatchdogState
from hems.workers.led.meaning import HomeAssistant, Seen

REBOOTS = "the internet (reboots do not help)"


@dataclass(frozen=True)
class Peers:
    """How each is asked. Every call has its timeout and raises Unavailable or OSError.

    `http_status` and `ping` are Home Assistant's; `read_watchdog` returns the bytes of the
    watchdog's state; each of `internet` is one way to prove that it is there.
    """

    http_status: Callable[[], int]
    ping: Callable[[], None]
    read_watchdog: Callable[[], bytes]
    internet: Sequence[Callable[[], None]]
    has_link: Callable[[], bool]

    def look(self, monotonic: Callable[[], float]) -> Seen:
        """Ask everybody once. Takes as long as the timeouts allow."""
        home_assistant = self._home_assistant()
        try:
            state = self._watchdog_state(monotonic)
        except Unavailable as error:
            return Seen(home_assistant, self._internet(), watchdog_away=str(error))
        given_up = state.given_up + ((REBOOTS,) if state.is_reboot_budget_exhausted else ())
        return Seen(home_assistant, state.internet, given_up)

    def _home_assistant(self) -> HomeAssistant:
        """Ask for a page, and ping if that fails: an answer over HTTP proves the host too."""
        try:
            if self.http_status() < 500:
                return HomeAssistant.ANSWERS
        except (Unavailable, ProtocolError):
            pass
        return HomeAssistant.SILENT if _succeeds(self.ping) else HomeAssistant.GONE

    def _watchdog_state(self, monotonic: Callable[[], float]) -> WatchdogState:
        """Return the watchdog's state. Raises Unavailable unless it may be believed."""
        try:
            state = watchdog_state.decode(self.read_watchdog())
        except OSError as error:
            raise Unavailable(f"its state cannot be read: {error.strerror}") from None
        except ProtocolError as error:
            raise Unavailable(str(error)) from None
        if not state.is_fresh(monotonic()):
            raise Unavailable("its state is old")
        return state

    def _internet(self) -> Internet:
        if any(_succeeds(reach) for reach in self.internet):
            return Internet.ONLINE
        try:
            return Internet.LAN_ONLY if self.has_link() else Internet.NO_LINK
        except Unavailable:  # the kernel does not say: the lesser claim
            return Internet.LAN_ONLY


def _succeeds(ask: Callable[[], None]) -> bool:
    try:
        ask()
    except Unavailable:
        return False
    return True
