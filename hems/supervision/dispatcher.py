"""One descriptor in supervisord's loop, as its asyncore socket map wants it."""

from __future__ import annotations

import traceback
from collections.abc import Callable


def _nothing() -> None:
    pass


class Dispatcher:
    """Call `on_read` when the descriptor is readable and `before_poll` right before each poll.

    An error is logged and goes no further: it would end supervisord. `on_close` is called when
    supervisord closes the HTTP server that `server` names, which it does on a reload and at the
    end, for every dispatcher that belongs to a server.
    """

    def __init__(
        self,
        log: Callable[[str], None],
        on_read: Callable[[], None],
        before_poll: Callable[[], None] = _nothing,
        on_close: Callable[[], None] = _nothing,
    ) -> None:
        self.server: object = None
        self.close = on_close
        self.handle_read_event = on_read
        self._before_poll = before_poll
        self._log = log

    def readable(self) -> bool:
        try:
            self._before_poll()
        except Exception:  # noqa: BLE001 - supervisord calls this unprotected
            self.handle_error()
        return True

    def writable(self) -> bool:
        return False

    def handle_write_event(self) -> None:
        """Do nothing: `writable` is false."""

    def handle_error(self) -> None:
        self._log(f"hems: {traceback.format_exc()}")
