"""Let Zigbee meters join, and show who does while somebody waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hems.errors import HemsError, Rejected, Unavailable
from hems.protocols.gateway.joining_entities import JoinedMeter, meter_name
from hems.workers.provision.zigbee_joining.joining_window import (
    JoiningWindow,
    NoZigbeeNetwork,
    required_device,
)

Typed = Callable[[float], str | None]


class JoinDialogue:
    """`clock` returns monotonic seconds.

    `typed` waits for so many seconds and returns a line that somebody has typed, None without one.
    `show` shows a line.
    """

    def __init__(
        self,
        window: JoiningWindow,
        clock: Callable[[], float],
        typed: Typed,
        show: Callable[[str], object],
    ) -> None:
        self._window = window
        self._clock = clock
        self._typed = typed
        self._show = show
        self._shown: dict[str, str] = {}  # by device
        self._failure = ""  # of the last second

    def run(self, name: str) -> tuple[JoinedMeter, ...]:
        """Return who has joined in five minutes, or the first one to get `name`.

        An empty line ends it. Raises HemsError: NoZigbeeNetwork when the stick is away; Unavailable
        for a moment does not end it.
        """
        name = meter_name(name)
        self._window.open(self._clock())
        self._show("Joining is open for five minutes. Start the pairing of the meter.")
        self._show("Type a name for the last one and press Enter; an empty line ends.")
        try:
            while self._window.closes_at is not None and not self._is_done(name):
                pass
        finally:
            self._window.close(self._clock())
        return self._window.joined

    def _is_done(self, name: str) -> bool:
        line = self._typed(1.0)
        if line is not None and not (wanted := meter_name(line)):
            return True
        try:
            self._window.look(self._clock())
            for text in self._news():
                self._show(text)
            if line is not None:
                self._rename(required_device(self._window.joined, None), wanted)
            known = [one for one in self._window.joined if one.measures and one.device_id]
            if name and known:
                self._rename(known[0].device_id, name)
                return True
        except (Rejected, Unavailable) as error:
            self._fail(error, is_answer=line is not None)
        else:
            self._failure = ""
        return False

    def _fail(self, error: HemsError, *, is_answer: bool) -> None:
        """Show a failure once, or after each typed line. Raises it if it has ended joining."""
        if isinstance(error, NoZigbeeNetwork) and self._window.closes_at is None:
            raise error
        if is_answer or str(error) != self._failure:
            self._failure = str(error)
            self._show(self._failure)

    def _rename(self, device_id: str, name: str) -> None:
        self._window.rename(device_id, name)
        self._show(f"its name is {name}")

    def _news(self) -> Iterator[str]:
        """Yield a line for each meter whose name or quantities are new."""
        for one in self._window.joined:
            measures = ",".join(text.partition(" ")[0] for text in one.measures)
            known = f"{one.name} {measures}"
            if self._shown.get(one.device_id) != known:
                self._shown[one.device_id] = known
                yield one.line
