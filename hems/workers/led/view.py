"""What is known of the gateway, looked at again and again, and told to supervisor and log."""

from __future__ import annotations

import msgspec
from loguru import logger

from hems.clients.outage import Outage
from hems.runtime import Notifier
from hems.workers.led.errors import Errors
from hems.workers.led.figures import LABELS, figures, status
from hems.workers.led.meaning import shown
from hems.workers.led.rounds import Rounds


class View:
    """Joins what `errors` and `rounds` find to what the lamps show."""

    def __init__(self, errors: Errors, rounds: Rounds) -> None:
        self._errors = errors
        self._rounds = rounds
        self._watchdog = Outage("the watchdog")
        self.shown = shown(None, "")

    def look(self, now: float) -> bool:
        """Look at everything at monotonic `now` (s); tell whether the log has more to read."""
        has_more = self._errors.look(now)
        self._rounds.advance(now)
        seen = self._rounds.newest
        if seen is not None and seen.watchdog_away:
            self._watchdog.begin(seen.watchdog_away, now)
        elif seen is not None:
            self._watchdog.end(now)
        before, self.shown = self.shown, shown(seen, self._errors.recent(now))
        for lamp, one in self.shown.items():
            if one != before[lamp]:
                logger.info("{}: {} ({})", LABELS[lamp], one.meaning, one.pattern.name)
        return has_more

    def tell(self, notify: Notifier, now: float) -> None:
        """Tell how things are at `now`, and that we are alive unless a look has hung."""
        told = figures(self.shown, self._errors, self._watchdog.reason, now)
        notify.status(status(told))
        notify.state(msgspec.to_builtins(told))
        if not self._rounds.is_stuck(now):
            notify.alive()
