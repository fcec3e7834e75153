"""The lines of `monitor`: one for each change of a unit's state."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple


class StateLines(NamedTuple):
    """Lines for `units`, for all if there are none; as JSON objects or for people."""

    units: frozenset[str]
    is_json: bool

    def of(self, changes: Iterable[Mapping[str, Any]], last: int) -> Iterator[str]:
        """Yield the lines of changes (state_change_journal.py); `last` is the number before."""
        for change in changes:
            if last >= 0 and (lost := change["number"] - last - 1) > 0:
                yield self._lost(lost)
            last = change["number"]
            if not self.units or change["unit"] in self.units:
                yield json.dumps(change) if self.is_json else _text(change)

    def _lost(self, count: int) -> str:
        text = f"{count} changes came too fast to be shown"
        return json.dumps({"lost": count}) if self.is_json else text


def _text(change: Mapping[str, Any]) -> str:
    at = datetime.fromtimestamp(change["time"], UTC).strftime("%H:%M:%S.%f")[:-3]
    reason = f": {change['reason']}" if change["reason"] else ""
    return f"{at} {change['unit']}: {change['state']} ({change['sub_state']}){reason}"
