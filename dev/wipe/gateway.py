"""Wipe one gateway: its variables, volumes and network profiles, and check that they are gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from dev.check import compose_file
from dev.wipe import balena_cli, volume_markers
from dev.wipe.balena_cli import Device, Variable
from hems.errors import ConfigError, Unavailable

OFFLINE = """\
{name} is offline: its card cannot be emptied from here. It keeps the passwords, the CA's key, the
home's Wi-Fi and the history, unencrypted. Connect it and repeat, or write its card again
(`balena device init`) or destroy it; then remove the device, `balena device rm {uuid}`."""
REMAINS = """\
What this command cannot remove:
- the old family's phones and computers still trust this gateway's old CA: they have to remove it;
  its key is gone, so nobody can use it any more
- the Linky dongle still has this gateway's address and the old key: set it up again
- the copies that people made: Home Assistant's backups, exports, a phone's app
- an account elsewhere that the gateway was connected to: Nabu Casa, Tailscale, Cloudflare; remove
  the device there
- balena: the fleet's releases, which are no family's, and the device's log for as long as balena
  keeps it; the serial number and the addresses of the device
- balenaOS may remember the addresses of the access points that it has used, until its card is
  written again
- Zigbee devices remember the old network: reset each of them, and pair it again"""


def wipe(uuid: str, root: Path, ask: Callable[[str], str]) -> list[str]:
    """Wipe the device; return the lines that tell what was done, and what remains.

    `ask` shows a question and returns what a person typed. Raises ConfigError if that is not the
    device's name, Unavailable if the device cannot be wiped or still has something.
    """
    device = balena_cli.device(uuid)
    if not device.is_online:
        raise Unavailable(OFFLINE.format(name=device.device_name, uuid=device.uuid))
    variables = balena_cli.variables(device.uuid)
    own = [one for one in variables if one.is_of_the_device]
    if ask(_question(device, own)).strip() != device.device_name:
        raise ConfigError("that is not its name: nothing was changed")
    marked = volume_markers.marked(balena_cli.on_host(device.uuid, volume_markers.MARK))
    _require_all(marked, root)
    balena_cli.remove(own)
    balena_cli.purge(device.uuid)
    done = volume_markers.read_back(balena_cli.on_host(device.uuid, volume_markers.READ_BACK))
    left = [one.name for one in balena_cli.variables(device.uuid) if one.is_of_the_device]
    if faults := [*_faults(done, left)]:
        raise Unavailable("\n".join([f"{device.device_name} is not wiped:", *faults]))
    # NetworkManager still has the profiles in memory, and wifi-connect would keep a copy of them.
    try:
        balena_cli.reboot(device.uuid)
    except Unavailable as error:
        fault = f"{device.device_name} is wiped, but did not restart: {error}"
        remedy = "Restart it: until then it knows its Wi-Fi."
        raise Unavailable("\n".join([fault, remedy, *_remains(device, variables)])) from error
    return [*_done(device, own, done), *_remains(device, variables)]


def _question(device: Device, own: Sequence[Variable]) -> str:
    names = ", ".join(sorted({one.name for one in own})) or "none"
    return (
        f"This removes from {device.device_name} ({device.uuid[:7]}): the passwords and keys,\n"
        "Home Assistant with its users and history, InfluxDB's history, the broker's messages,\n"
        f"the profiles of Wi-Fi and VPNs, and its own variables: {names}.\n"
        "There is no way back. Type its name to go on: "
    )


def _require_all(marked: frozenset[str], root: Path) -> None:
    """Raise Unavailable unless the device has every volume: then it is no gateway of this kind."""
    names = {name.partition("_")[2] for name in marked}
    if missing := sorted(set(compose_file.read(root).volumes) - names):
        text = f"the device has no volume {', '.join(missing)}; found {sorted(marked) or 'none'}"
        raise Unavailable(f"{text}. Nothing was removed: is it a gateway, and did it start once?")


def _faults(done: volume_markers.ReadBack, left: Sequence[str]) -> Iterator[str]:
    if not done.new and not done.kept:
        yield "  its volumes cannot be read back: repeat the command"
    for volume in sorted(done.kept):
        remedy = f"in `balena device ssh UUID` run `balena-engine volume rm {volume}`"
        yield f"  {volume} still has its content: {remedy}"
    if done.remembered:
        yield f"  {done.remembered} profiles of Wi-Fi or VPNs remain: write the card again"
    if left:
        yield f"  balena still has its variables {', '.join(sorted(left))}: repeat the command"


def _done(device: Device, own: Sequence[Variable], done: volume_markers.ReadBack) -> Iterator[str]:
    yield f"{device.device_name} is wiped, and read back:"
    yield f"- {len(done.new)} volumes are new: {', '.join(sorted(done.new))}"
    yield f"- {len(own)} variables of its own are removed"
    yield f"- {done.forgotten} profiles of Wi-Fi or VPNs are removed; it restarts without them"


def _remains(device: Device, variables: Sequence[Variable]) -> Iterator[str]:
    yield REMAINS
    if names := sorted({one.name for one in variables if not one.is_of_the_device}):
        yield f"- its fleet's variables, which the next family gets too: {', '.join(names)}"
    written = {
        f"the name {device.device_name}": True,
        "a note": bool(device.note),
        "a place on the map": device.custom_latitude not in (None, ""),
        f"tags ({', '.join(one.tag_key for one in device.device_tag)})": bool(device.device_tag),
    }
    texts = [text for text, is_there in written.items() if is_there]
    yield f"- balena's dashboard: {', '.join(texts)}"
