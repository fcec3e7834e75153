"""led: show on three lamps how Home Assistant and the internet are, and whether help is needed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from hems.settings.led import LedSettings
from hems.system.gpio import LampOutputs
from hems.system.log_follower import LogFollower
from hems.system.user_command_file import CommandReader
from hems.worker_runtime import Context
from hems.workers.led.home_assistant_errors import RecentErrors
from hems.workers.led.lamp_test import LampTest
from hems.workers.led.led_meaning import Lamp
from hems.workers.led.led_panel import LedPanel
from hems.workers.led.led_status import StatusView
from hems.workers.led.status_probes import BackgroundProbing, StatusProbes

__all__ = ["Lamp", "Led", "LedInputs"]
UPDATE_S = 1.0  # between two updates of what the lamps show


@dataclass(frozen=True)
class LedInputs:
    """From what follows what the lamps show."""

    log: LogFollower
    probes: StatusProbes
    commands: CommandReader


class Led:
    """The worker: one loop that waits for the next change of a lamp or the next update.

    The loop never waits for a peer: the probes run on `background`.
    """

    name = "led"

    def __init__(
        self,
        settings: LedSettings,
        open_lamps: Callable[[], LampOutputs],
        inputs: LedInputs,
        background: Executor,
    ) -> None:
        self._settings = settings
        self._open_lamps = open_lamps
        self._log = inputs.log
        self._probes = inputs.probes
        self._commands = inputs.commands
        self._background = background

    def run(self, ctx: Context) -> None:
        """Drive the lamps until a stop is requested; leave them dark.

        Raises ConfigError or Unavailable when the lamps cannot be opened.
        """
        probe = partial(self._probes.run, ctx.clock.monotonic)
        probing = BackgroundProbing(probe, self._settings.probe_interval_s, self._background)
        view = StatusView(RecentErrors(self._log, self._settings.error_shown_s), probing)
        # The lamps go dark first: a round of probes may take some time to end.
        with self._background, closing(self._log), closing(self._open_lamps()) as lamps:
            ctx.notify.ready()
            _drive(LedPanel(lamps), view, LampTest(self._commands), ctx)


def _drive(panel: LedPanel, view: StatusView, test: LampTest, ctx: Context) -> None:
    update_at = ctx.clock.monotonic()
    while not ctx.stop.wait(max(0.0, min(update_at, panel.due) - ctx.clock.monotonic())):
        now = ctx.clock.monotonic()
        if now >= update_at:
            has_more = view.update(now)
            update_at = now if has_more else now + UPDATE_S
            panel.show(test.displays(now) or view.displays, now)
            view.publish(ctx.notify, now)
        panel.advance(now)
