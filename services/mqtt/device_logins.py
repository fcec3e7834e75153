"""Give mosquitto the logins of devices that provision made, without those that are shut out."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from broker_paths import BrokerPaths
from device_rights import Rights

PASSWORDS, ACL = "device-passwd", "device-acl"


class DeviceLogins:
    """Writes the password file that mosquitto reads; provision's files may appear later."""

    def __init__(self, paths: BrokerPaths) -> None:
        self._paths = paths
        self._written: bytes | None = None
        self._acl = b""
        self.rights = Rights()

    def update(self, shut_out: Collection[str]) -> bool:
        """Write the file; return whether mosquitto has to read its files again."""
        acl = _content(self._paths.made / ACL)
        lines = _content(self._paths.made / PASSWORDS).splitlines(keepends=True)
        text = b"".join(
            line for line in lines if line.partition(b":")[0].decode("latin-1") not in shut_out
        )
        if (text, acl) == (self._written, self._acl):
            return False
        if acl != self._acl:
            self.rights = Rights(acl.decode("latin-1"))
        path = self._paths.run / PASSWORDS
        new = path.with_suffix(".new")
        new.touch(0o600)
        new.write_bytes(text)
        new.replace(path)
        self._written, self._acl = text, acl
        return True


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # provision has not written it yet
        return b""
