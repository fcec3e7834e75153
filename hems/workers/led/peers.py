"""What the lamps speak of: Home Assistant, the watchdog, and the internet if that is silent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hems.clients.outlook import Outlook
from hems.errors import ProtocolError, Unavailable
from hems.protocols import watchdog_state
from hems.protocols.watchdog_state import WatchdogState
from hems.workers.led.meaning import HomeAssistant, Seen

REBOOTS = "the internet (reboots do not help)"
MEMORY = "the watchdog's memory (it cannot be written)"

Monotonic = Callable[[], float]


@dataclass(frozen=True)
class Peers:
    """How each is asked. Every call is bounded in time.

    `http_status` and `ping` are Home Assistant's and raise Unavailable; `read_watchdog` returns
    the bytes of the watchdog's state or raises OSError; `look_out` looks at the internet.
    """

    http_status: Callable[[], int]
    ping: Callable[[], None]
    read_watchdog: Callable[[], bytes]
    look_out: Callable[[Monotonic], Outlook]

    def look(self, monotonic: Monotonic) -> Seen:
        """Ask everybody once. Takes as long as the timeouts allow."""
        home_assistant = self._home_assistant()
        try:
            state = self._watchdog_state(monotonic)
        except Unavailable as error:
            return Seen(home_assistant, self.look_out(monotonic).internet, watchdog_away=str(error))
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


def _succeeds(ask: Callable[[], None]) -> bool:
    try:
        ask()
    except Unavailable:
        return False
    return True
