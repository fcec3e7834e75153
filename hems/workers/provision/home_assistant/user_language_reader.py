"""Read in which language each user of Home Assistant reads its pages.

Home Assistant keeps what a user has chosen on his profile in a file of its own, and shows it to
nobody else. A user who has chosen nothing has no language there: his browser's counts for Home
Assistant, and the home's for us.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from hems.errors import ProtocolError, Unavailable
from hems.protocols.json_decoding import decode_json
from hems.system import files

CHOICES = ".storage/frontend.user_data_"


class ChosenLanguage(msgspec.Struct, frozen=True):
    language: str = ""


class UserSettings(msgspec.Struct, frozen=True):
    language: ChosenLanguage | None = None


class UserSettingsFile(msgspec.Struct, frozen=True):
    data: UserSettings


def languages(folder: Path | None, users: Iterable[str]) -> dict[str, str]:
    """Return the language that each user has chosen, empty for none, by the user's id.

    `folder` is Home Assistant's configuration, None if provision cannot see it.
    """
    return {user: _chosen(folder, user) for user in users}


def _chosen(folder: Path | None, user: str) -> str:
    if folder is None or not user.isalnum():
        return ""
    path = folder / f"{CHOICES}{user}"
    try:
        content = files.content(path)
        stored = decode_json(content, UserSettingsFile, path.name) if content else None
    except (Unavailable, ProtocolError):  # as if nothing was chosen
        return ""
    return stored.data.language.language if stored and stored.data.language else ""
