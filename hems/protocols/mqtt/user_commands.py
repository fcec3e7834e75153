"""The topics on which people give the workers commands, and the newest command of each name.

Home Assistant publishes a command on BASE/command/NAME: a button or a text of mqtt_discovery.py.
No login of another device may write there (broker_rights.py). telemetry listens, and writes what
was given to a file on tmpfs; the worker that a command is for looks there. So a worker that has no
login at the broker needs none.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from hems.protocols.json_decoding import decode_json

PRESS = "PRESS"  # what a button sends
LONGEST = 255  # characters of a command's text: Home Assistant's limit for a state
VALID_S = 60.0  # a command is executed at once or never: nobody expects it later


class GivenCommand(msgspec.Struct, frozen=True):
    """A command: the monotonic time (s) at which it was given, and its text."""

    given_at: float
    text: str


def command_topic(base_topic: str, name: str) -> str:
    """Return the topic of the command `name`."""
    return f"{base_topic}/command/{name}"


def filter_of_all(base_topic: str) -> str:
    """Return the filter that matches the topic of every command."""
    return command_topic(base_topic, "+")


def encode(commands: Mapping[str, GivenCommand]) -> bytes:
    """Return the content of the file: the newest command of each name."""
    return msgspec.json.encode(commands)


def decode(data: bytes) -> dict[str, GivenCommand]:
    """Return what `encode` has encoded. Raises ProtocolError for anything else."""
    return decode_json(data, dict[str, GivenCommand], "the file of commands")


def text_of(payload: bytes) -> str | None:
    """Return the text of a command, None if the payload is none: too long, or not one line."""
    try:
        text = payload.decode().strip()
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() and 0 < len(text) <= LONGEST else None
