"""Run a server of the standard library, or of websockets, in a thread of the test."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from socketserver import BaseServer
from typing import Any

POLL_S = 0.05  # after a shutdown, socketserver notices it so late


@contextmanager
def serving(server: Any) -> Iterator[None]:
    """Call `serve_forever` until the end of the block, then `shutdown`."""
    serve = server.serve_forever
    if isinstance(server, BaseServer):
        serve = partial(serve, poll_interval=POLL_S)
    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
