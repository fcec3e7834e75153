"""Answer an XML-RPC call later, without holding up supervisord's loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from supervisor.xmlrpc import NOT_DONE_YET

Deferred = Callable[[], Any]


def answer(look: Deferred, delay_s: float) -> Any:
    """Return the answer of `look`, or, while it is NOT_DONE_YET, `look` for supervisord.

    supervisord calls it again, every `delay_s` seconds and in each round of its loop.
    """
    result = look()
    if result is not NOT_DONE_YET:
        return result
    look.delay = delay_s  # type: ignore[attr-defined]
    return look
