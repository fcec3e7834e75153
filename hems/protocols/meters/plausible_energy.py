"""Decide which energy in Home Assistant's statistics no meter can have counted.

One wrong value is enough: Home Assistant adds the jump to its sums for good, and when the counter
comes back to what it was, takes that for a new counter and adds its value once more. Sources of
such values: the "invalid" codes of the Zigbee cluster library, a divisor that is off by a thousand,
a counter that was reset or replaced.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hems.protocols.meters.meter_roles import Role

DEVICE_W = 15_000.0  # a device: a socket carries 16 A, a charging point 63 A on one phase
LARGEST_W = 100_000.0  # everything else: a home has three phases of at most 100 A
MARGIN_WH = 1_000.0  # some counters have steps of one kWh
SLOT_S = 300.0  # of Home Assistant's short-term statistics


@dataclass(frozen=True)
class CountedEnergy:
    """What one slot of the statistics counts: unix time of its begin (s), and Wh."""

    begin: float
    wh: float


def most_watts(role: Role) -> float:
    """Return the power (W) above which no meter of the role can be right."""
    return DEVICE_W if role is Role.DEVICE else LARGEST_W


def impossible(
    slots: Iterable[CountedEnergy], watts: float, counted_at: float
) -> Iterator[CountedEnergy]:
    """Yield the slots that count more than `watts` allow since the slot before that counted.

    `counted_at` is when something was counted before the first slot (unix s): a meter that was
    silent counts in one slot what it has measured meanwhile. Nothing counts backwards.
    """
    last_at = counted_at
    for slot in sorted(slots, key=lambda slot: slot.begin):
        if not slot.wh:
            continue
        end = slot.begin + SLOT_S
        if not _is_possible(slot.wh, watts, end - last_at):
            yield slot
        else:
            last_at = end


def _is_possible(wh: float, watts: float, seconds: float) -> bool:
    most_wh = watts * (seconds + SLOT_S) / 3600 + MARGIN_WH
    return -MARGIN_WH <= wh <= most_wh
