"""Read mosquitto's log, and pass on only so many lines.

A stranger makes as many lines as it likes; on a host with persistent logs they wear out the card.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from token_bucket import TokenBucket

REFUSED = re.compile(rb"not authori[sz]ed")
BURST = 60  # lines at once
INTERVAL_S = 30.0  # for one more line
MAX_LINE = 200  # bytes
MAX_BUFFER = 1 << 16  # bytes without a line break


class BrokerLog:
    """Splits the log into lines.

    Refused logins and everything else have a budget each: the one must not hide the other.
    """

    def __init__(self) -> None:
        self._buffer = b""
        self._budgets = {kind: TokenBucket(BURST, 1 / INTERVAL_S) for kind in (True, False)}
        self._dropped = {True: 0, False: 0}

    def lines(self, data: bytes, now: float) -> Iterator[bytes]:
        """Yield the lines to pass on at monotonic `now` (s), each with its line break."""
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        self._buffer = self._buffer[-MAX_BUFFER:]
        for line in lines:
            is_refusal = bool(REFUSED.search(line))
            budget = self._budgets[is_refusal]
            if budget.left(now) < 1:
                self._dropped[is_refusal] += 1
                continue
            budget.take(1)
            if self._dropped[is_refusal]:
                yield b"(%d such lines are left out)\n" % self._dropped[is_refusal]
                self._dropped[is_refusal] = 0
            yield line[:MAX_LINE] + b"\n"
