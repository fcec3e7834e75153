"""What is published of one dongle: the state of its meter, and whether its frames arrive."""

from __future__ import annotations

from hems.protocols.linky.linky_state import State, iso_time
from hems.workers.eesmart_d2l.overdue_readings import ReadingPace
from hems.workers.eesmart_d2l.reading_validation import AcceptedReading
from hems.workers.eesmart_d2l.retained_state import RetainedState, total_state
from hems.workers.eesmart_d2l.trusted_clock import Moment

POWER = "power_estimated"
FIRMWARE_WANTED = "firmware_update_wanted"


class DongleMqttState:
    """`values` is the state, empty before the first frame; `availability` is empty before it."""

    def __init__(self) -> None:
        self.values: State = {}
        self.availability = ""
        self._pace = ReadingPace()

    def recall(self, values: RetainedState) -> bool:
        """Start with the state before a restart; return whether its power is no longer known."""
        self.values = dict(values)
        return self.forget_power()

    def show_reading(
        self, values: State, accepted: AcceptedReading, new: State | None = None
    ) -> None:
        """Show an accepted reading, of which the meter's `values` are known already.

        `new`: those that differ from the reading shown, None if all of them may.
        """
        if new is None:
            self.values = dict(values)
        else:
            self.values.update(new)
        power_w, own = accepted.power_w, self.values
        own[POWER] = None if power_w is None else round(power_w)
        own.update(total_state(accepted.total))
        own.update(_time_of(accepted.moment))
        self._pace.add(accepted.moment.monotonic)

    def show_frame(self, moment: Moment) -> None:
        """Show a frame without a reading; keep the last reading if there is one.

        The time of the last frame is that of the reading, because it dates the registers.
        """
        if "date" not in self.values:
            self.values |= _time_of(moment)

    def show_firmware(self, *, is_wanted: bool) -> None:
        """Show whether the dongle asks for firmware."""
        self.values[FIRMWARE_WANTED] = is_wanted

    def is_power_old(self, now: float) -> bool:
        """Return whether the next reading, which would support the power, is overdue."""
        return self.values.get(POWER) is not None and self._pace.is_overdue(now)

    def forget_power(self) -> bool:
        """Show the power as unknown; return whether it was known."""
        if self.values.get(POWER) is None:
            return False
        self.values[POWER] = None
        return True


def _time_of(moment: Moment) -> State:
    """Return the time of a frame, nothing while the gateway's clock is not trusted."""
    if moment.wall is None:
        return {}
    return {"last_frame": iso_time(int(moment.wall))}
