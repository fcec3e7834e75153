"""led: three lamps that tell a person on site how the gateway is."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import closing
from functools import partial

from hems.runtime import Context
from hems.settings.led import Led as LedSettings
from hems.workers.led.errors import Errors, Log
from hems.workers.led.meaning import Lamp
from hems.workers.led.panel import Lamps, Panel
from hems.workers.led.peers import Peers
from hems.workers.led.rounds import Rounds
from hems.workers.led.view import View

__all__ = ["Lamp", "Led"]
LOOK_S = 1.0  # between two looks at the log


class Led:
    """The worker: one loop that waits for the next change of a lamp or the next look.

    The loop never waits for a peer: `peers` are asked on `background`.
    """

    name = "led"

    def __init__(
        self,
        own: LedSettings,
        open_lamps: Callable[[], Lamps],
        log: Log,
        peers: Peers,
        background: Executor,
    ) -> None:
        self._own = own
        self._open_lamps = open_lamps
        self._log = log
        self._peers = peers
        self._background = background

    def run(self, ctx: Context) -> None:
        """Show how things are until told to stop; leave the lamps dark.

        Raises ConfigError or Unavailable when the lamps cannot be had.
        """
        ask = partial(self._peers.look, ctx.clock.monotonic)
        rounds = Rounds(ask, self._own.probe_interval_s, self._background)
        view = View(Errors(self._log, self._own.error_shown_s), rounds)
        # The lamps go dark first: a look at the peers may take its time to end.
        with self._background, closing(self._log), closing(self._open_lamps()) as lamps:
            ctx.notify.ready()
            _show(view, Panel(lamps), ctx)


def _show(view: View, panel: Panel, ctx: Context) -> None:
    look_at = ctx.clock.monotonic()
    while not ctx.stop.wait(max(0.0, min(look_at, panel.due) - ctx.clock.monotonic())):
        now = ctx.clock.monotonic()
        if now >= look_at:
            has_more = view.look(now)
            look_at = now if has_more else now + LOOK_S
            panel.show(view.shown, now)
            view.tell(ctx.notify, now)
        panel.advance(now)
