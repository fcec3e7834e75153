"""A device as balena's CLI shows and changes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import msgspec

from hems.errors import Unavailable
from hems.system import subprocesses

PROGRAM = "balena"
ASK_S = 120.0
PURGE_S = 900.0  # every service stops first, Home Assistant within two minutes
EVERY = "*"
T = TypeVar("T")


class Tag(msgspec.Struct, frozen=True):
    tag_key: str


class Device(msgspec.Struct, frozen=True):
    """`note`, the tags and the place are what people may have written about a home."""

    uuid: str
    device_name: str
    is_online: bool
    note: str | None = None
    custom_latitude: str | float | None = None
    device_tag: tuple[Tag, ...] = ()


class Variable(msgspec.Struct, frozen=True, rename="camel"):
    """`deviceUUID` is * for a variable of the fleet, `service_name` for one of every service."""

    id: int
    name: str
    service_name: str = EVERY
    device_uuid: str = msgspec.field(name="deviceUUID", default=EVERY)

    @property
    def is_of_the_device(self) -> bool:
        return self.device_uuid != EVERY


def device(uuid: str) -> Device:
    """Return the device. Raises Unavailable."""
    return _asked(Device, "device", uuid, "--json")


def variables(uuid: str) -> list[Variable]:
    """Return the variables that reach the device, its fleet's too. Raises Unavailable."""
    return _asked(list[Variable], "env", "list", "--device", uuid, "--json")


def remove(unwanted: Iterable[Variable]) -> None:
    """Remove variables of a device. Raises Unavailable."""
    for one in unwanted:
        kind = ["--device"] if one.service_name == EVERY else ["--device", "--service"]
        subprocesses.run([PROGRAM, "env", "rm", str(one.id), *kind, "--yes"], ASK_S)


def purge(uuid: str) -> None:
    """Empty every volume of the device; its services start again. Raises Unavailable."""
    subprocesses.run([PROGRAM, "device", "purge", uuid], PURGE_S)


def reboot(uuid: str) -> None:
    """Restart the device. Raises Unavailable."""
    subprocesses.run([PROGRAM, "device", "reboot", uuid], ASK_S)


def on_host(uuid: str, commands: str) -> str:
    """Run commands in the shell of the device's balenaOS and return what they print."""
    return subprocesses.run([PROGRAM, "device", "ssh", uuid], ASK_S, input_text=commands)


def _asked(kind: type[T], *arguments: str) -> T:
    output = subprocesses.run([PROGRAM, *arguments], ASK_S)
    try:
        return msgspec.json.decode(output, type=kind)
    except msgspec.MsgspecError as error:
        text = f"`{PROGRAM} {' '.join(arguments)}` answered with something else: {error}"
        raise Unavailable(f"{text}; is this CLI 22 or newer?") from error
