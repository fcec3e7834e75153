"""The bodies of Home Assistant's answers, over HTTP and websocket: JSON in, values out.

Only what is needed is looked at; whatever else an answer holds is passed over. As of 2025.3.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from hems.clients.json_body import MALFORMED
from hems.errors import ProtocolError

T = TypeVar("T")


class OnboardingStep(msgspec.Struct, frozen=True):
    step: str
    done: bool


class AuthCode(msgspec.Struct, frozen=True):
    auth_code: str


class Tokens(msgspec.Struct, frozen=True):
    """`expires_in` (s) is for the access token; a renewal brings no new refresh token."""

    access_token: str
    expires_in: float
    refresh_token: str = ""

    def __repr__(self) -> str:
        return "Tokens(…)"


class FlowStep(msgspec.Struct, frozen=True):
    """Where a flow stands: a form to fill in, or an end (create_entry, abort).

    `result` of a login flow is the code for tokens.
    """

    type: str
    flow_id: str
    errors: dict[str, str] | None = None
    reason: str = ""
    result: msgspec.Raw = msgspec.Raw(b"null")

    @property
    def trouble(self) -> str:
        """Return what was wrong with the answers, in its words; empty when nothing was."""
        return ", ".join((self.errors or {}).values()) or (
            "" if self.type != "abort" else self.reason
        )


class FlowContext(msgspec.Struct, frozen=True):
    source: str
    entry_id: str = ""


class Flow(msgspec.Struct, frozen=True):
    """A flow that waits for somebody, because Home Assistant began it."""

    flow_id: str
    handler: str
    context: FlowContext


class Entry(msgspec.Struct, frozen=True):
    """A config entry: one set-up integration; MQTT's is named after its broker."""

    entry_id: str
    domain: str
    title: str


class Statistic(msgspec.Struct, frozen=True):
    statistic_id: str


class Dashboard(msgspec.Struct, frozen=True):
    url_path: str


class Error(msgspec.Struct, frozen=True):
    code: str = ""
    message: str = ""


class Message(msgspec.Struct, frozen=True):
    """One message of the websocket; `id` is that of the command that it answers."""

    type: str
    id: int = 0
    success: bool = False
    result: msgspec.Raw = msgspec.Raw(b"null")
    error: Error = Error()


def decoded(body: bytes | str, kind: type[T], what: str) -> T:
    """Return `body` as a `kind`. Raises ProtocolError, which shows nothing of it: see Tokens."""
    try:
        return msgspec.json.decode(body, type=kind)
    except MALFORMED as error:
        raise ProtocolError(f"{what}: {error}") from None
