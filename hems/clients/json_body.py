"""A peer's JSON: decoded into values, and what it says when it refuses."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from hems.errors import ProtocolError

MALFORMED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)  # the last: too deep
T = TypeVar("T")


class _Error(msgspec.Struct):
    message: str = ""
    Error: str = ""  # of the balena Supervisor's v1


def decoded(body: bytes, kind: type[T], peer: str) -> T:
    """Return `body` as a `kind`. Raises ProtocolError, which names the peer."""
    try:
        return msgspec.json.decode(body, type=kind)
    except MALFORMED as error:
        raise ProtocolError(f"{peer}: {error}; found {body[:40]!r}") from None


def message(body: bytes) -> str:
    """Return what an error's body says, in one line; some are plain text."""
    try:
        error = msgspec.json.decode(body, type=_Error)
        said = error.message or error.Error
    except MALFORMED:
        said = body.decode(errors="replace")
    return " ".join(said.split()) or "without a reason"
