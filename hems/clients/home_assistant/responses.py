"""The form of Home Assistant's responses, over HTTP and websocket, as of version 2026.10.

Only the members that hems needs are decoded; all others are ignored.
"""

from __future__ import annotations

import msgspec


class OnboardingStep(msgspec.Struct, frozen=True):
    step: str
    done: bool


class Tokens(msgspec.Struct, frozen=True):
    """`expires_in` (s) is that of the access token; a renewal brings no new refresh token."""

    access_token: str
    expires_in: float
    refresh_token: str = ""

    def __repr__(self) -> str:
        return "Tokens(…)"


class UploadedFile(msgspec.Struct, frozen=True):
    file_id: str


class FormField(msgspec.Struct, frozen=True):
    default: object = None


class FlowStep(msgspec.Struct, frozen=True):
    """The current step of a flow: form, menu or progress, or its end (create_entry, abort).

    `menu_options` are the choices of a menu, `data_schema` the fields of a form. The `result` of a
    login flow is a code for tokens.
    """

    type: str
    flow_id: str
    step_id: str = ""
    menu_options: tuple[str, ...] = ()
    data_schema: tuple[FormField, ...] | None = ()
    errors: dict[str, str] | None = None
    reason: str = ""
    result: msgspec.Raw = msgspec.Raw(b"null")

    @property
    def trouble(self) -> str:
        """Return Home Assistant's words for what is wrong; empty if nothing is."""
        return ", ".join((self.errors or {}).values()) or (
            "" if self.type != "abort" else self.reason
        )


class FlowContext(msgspec.Struct, frozen=True):
    source: str
    entry_id: str = ""


class WaitingFlow(msgspec.Struct, frozen=True):
    """A flow that Home Assistant started and that waits for a person."""

    flow_id: str
    handler: str
    context: FlowContext


IGNORED = "ignore"


class ConfigEntry(msgspec.Struct, frozen=True):
    """One integration that was set up; the title of MQTT's is the name of its broker.

    `state` is "loaded" if it works; otherwise `reason` may say why not. `source` is IGNORED for a
    discovery that a person does not want to see, which is never loaded.
    """

    entry_id: str
    domain: str
    title: str
    state: str = ""
    reason: str | None = None
    source: str = ""


class CurrentUser(msgspec.Struct, frozen=True):
    id: str
    name: str


class ListedUser(msgspec.Struct, frozen=True):
    """`username` is None for users without a login, such as those of integrations.

    The latter are `system_generated`.
    """

    id: str
    name: str | None = None
    username: str | None = None
    is_active: bool = True
    system_generated: bool = False


class CreatedUser(msgspec.Struct, frozen=True):
    user: ListedUser


class ListedPerson(msgspec.Struct, frozen=True):
    user_id: str | None = None


class ListedPersons(msgspec.Struct, frozen=True):
    """`storage` has those that were not written into configuration.yaml."""

    storage: tuple[ListedPerson, ...]


class LabelEntry(msgspec.Struct, frozen=True):
    label_id: str
    name: str


class ListedArea(msgspec.Struct, frozen=True):
    name: str


class Translations(msgspec.Struct, frozen=True):
    resources: dict[str, str]


class Statistic(msgspec.Struct, frozen=True):
    statistic_id: str


class StatisticsRow(msgspec.Struct, frozen=True):
    """One slot of the statistics; `start` is in ms, `change` in the unit that was asked for."""

    start: float
    change: float | None = None


class StoredSettings(msgspec.Struct, frozen=True):
    value: dict[str, object] | None = None


class ListedDashboard(msgspec.Struct, frozen=True):
    url_path: str


class CommandError(msgspec.Struct, frozen=True):
    code: str = ""
    message: str = ""


class WebsocketMessage(msgspec.Struct, frozen=True):
    """One message of the websocket; `id` is that of the command it responds to."""

    type: str
    id: int = 0
    success: bool = False
    result: msgspec.Raw = msgspec.Raw(b"null")
    error: CommandError = CommandError()
