"""Open nginx's doors, and tell it by which names and addresses visitors may ask for the gateway."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence

from hems.errors import Unavailable
from hems.settings import doors
from hems.settings.mqtt_users import MqttUser, need_plain_port
from hems.system import files
from hems.workers.provision.gateway_file_paths import GatewayFiles


class NginxDoors:
    """Writes the file that nginx reads at its start, with the ports that a setting opens.

    Another file, which nginx looks for at each request, is there while the pages are on HTTP too.
    """

    name = "doors"

    def __init__(
        self,
        layout: GatewayFiles,
        ports: Iterable[int],
        users: Sequence[MqttUser],
        *,
        are_pages_on_http: bool,
    ) -> None:
        self._layout = layout
        self._are_pages_on_http = are_pages_on_http
        plain = {doors.PLAIN_MQTT} if need_plain_port(users) else set()
        self._ports = {*ports, *plain}
        self._is_done = False

    @property
    def is_any_open(self) -> bool:
        """Return whether a door is open that is closed by default."""
        return bool(self._ports)

    def step(self, _now: float) -> None:
        """Write the files if they differ. Raises Unavailable."""
        self._is_done = False
        files.ensure_directory(self._layout.nginx, self._layout.directory())
        content = doors.text(self._ports).encode()
        files.ensure(self._layout.gateway / doors.FILE, content, self._layout.public())
        if self._are_pages_on_http:
            files.ensure(self._layout.pages_on_http, b"", self._layout.public())
        else:
            files.remove(self._layout.pages_on_http)
        self._is_done = True

    def content(self) -> bytes:
        """Return what nginx reads at its start. Raises Unavailable until it is written."""
        if not self._is_done:
            raise Unavailable("waits for nginx's doors")
        return files.content(self._layout.gateway / doors.FILE) or b""


class VisitorNames:
    """Keeps an empty file for each name and address of the gateway, in lower case.

    nginx refuses a request for any other host, so that no web site can call itself the gateway. It
    looks for the file at each request, so a change needs no restart.
    """

    name = "names"

    def __init__(self, layout: GatewayFiles, names: Callable[[], Iterable[str]]) -> None:
        self._layout = layout
        self._names = names

    def step(self, _now: float) -> None:
        """Create and remove files until they are those of the names. Raises Unavailable."""
        wanted = set(self._names())
        directory = self._layout.names
        for path in (self._layout.nginx, directory):
            files.ensure_directory(path, self._layout.directory())
        for name in sorted(wanted):
            files.ensure(directory / name, b"", self._layout.public())
        for name in set(os.listdir(directory)) - wanted:  # noqa: PTH208 - names, not paths
            files.remove(directory / name)
