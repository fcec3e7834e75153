"""Hand the commands of people to the workers: one file on tmpfs, which telemetry writes."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from loguru import logger

from hems.errors import ProtocolError, Unavailable
from hems.protocols.mqtt import user_commands
from hems.protocols.mqtt.user_commands import VALID_S, GivenCommand
from hems.supervision.outage_log import OutageLog
from hems.system import files


class CommandWriter:
    """Keeps the newest command of each of these names."""

    def __init__(self, path: Path, names: Collection[str]) -> None:
        self._path = path
        self._names = names
        self._newest: dict[str, GivenCommand] = {}
        self._outage = OutageLog("the file of commands", _warn, _inform)

    def take(self, topic: str, payload: bytes, now: float) -> None:
        """Hand over a command that arrived on `topic` at monotonic `now` (s); ignore any other."""
        name, text = topic.rpartition("/")[2], user_commands.text_of(payload)
        if name not in self._names or text is None:
            logger.warning("ignored a command on {}: expected {}", topic, ", ".join(self._names))
            return
        self._newest[name] = GivenCommand(now, text)
        try:
            files.replace(self._path, user_commands.encode(self._newest))
        except Unavailable as error:
            self._outage.begin(str(error), now)
        else:
            self._outage.end(now)


class CommandReader:
    """Reads the commands of these names, each once; none from before the first look."""

    def __init__(self, path: Path, names: Collection[str]) -> None:
        self._path = path
        self._names = names
        self._content: bytes | None = None
        self._outage = OutageLog("the file of commands", _warn, _inform)
        self._taken: dict[str, float] = {}  # when the newest known one of each name was given

    def take(self, now: float) -> dict[str, str]:
        """Return the text of each new command by its name, at monotonic `now` (s)."""
        if not self._taken:
            self._taken = dict.fromkeys(self._names, now)
        try:
            content = files.content(self._path)
            if content is None or content == self._content:
                return {}
            commands = user_commands.decode(content)
        except (Unavailable, ProtocolError) as error:
            self._outage.begin(str(error), now)
            return {}
        self._content = content
        self._outage.end(now)
        new = {
            name: command
            for name, command in commands.items()
            if name in self._names and command.given_at > self._taken[name]
        }
        self._taken |= {name: command.given_at for name, command in new.items()}
        old = [name for name, command in new.items() if now - command.given_at > VALID_S]
        for name in old:
            logger.warning("a command was too old: {}", name)
        return {name: command.text for name, command in new.items() if name not in old}


def _warn(line: str) -> None:
    logger.warning("{}", line)


def _inform(line: str) -> None:
    logger.info("{}", line)
