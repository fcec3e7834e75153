"""When to look at the rules: soon after a change was heard of, and regularly."""

from __future__ import annotations

from hems.system.netlink import Topic

# After a link or an address has changed: legacy iptables does not tell of the rules that follow.
AGAIN_S = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0)


class Schedule:
    """The next look's time. All times are monotonic seconds.

    A change is looked at `debounce_s` after the first notification, however many follow
    it, so that a stream of them neither delays the look nor makes more of them.
    """

    def __init__(self, period_s: float, debounce_s: float, now: float) -> None:
        """Begin after a look at `now`."""
        self._period_s = period_s
        self._debounce_s = debounce_s
        self._due = [now + period_s]

    def wait_s(self, now: float) -> float:
        """Return the seconds until the next look; 0 when it is due."""
        return max(0.0, min(self._due) - now)

    def is_due(self, now: float) -> bool:
        """Tell whether it is time to look."""
        return min(self._due) <= now

    def hear(self, topics: set[Topic], now: float) -> None:
        """Note that changes of `topics` were heard of at `now`."""
        first = min([*self._due, now + self._debounce_s])
        if Topic.LINKS in topics:
            self._due = [first, *(now + later for later in AGAIN_S)]
        elif topics:
            self._due = [first, *(due for due in self._due if due > first)]

    def look(self, now: float) -> None:
        """Note that a look begins at `now`."""
        self._due = [due for due in self._due if due > now] or [now + self._period_s]
