"""What bin/wipe asks the shell of a device's balenaOS, and how to read the answers.

balena's CLI reaches by UUID only the host's shell with commands from standard input, not that of a
service. Whatever else the shell prints lacks the prefix of an answer.
"""

from __future__ import annotations

from typing import NamedTuple

ANSWER = "wipe: "
EACH_VOLUME = """\
for volume in $(balena-engine volume ls --quiet); do
    marker="$(balena-engine volume inspect --format '{{.Mountpoint}}' "$volume")/.before-wipe"
"""
MARK = EACH_VOLUME + f'    touch "$marker" && echo "{ANSWER}marked $volume"\ndone\nexit\n'
# A profile that the card brought is in the boot partition, every other one in the state partition.
PROFILES = "/etc/NetworkManager/system-connections/* /mnt/boot/system-connections/*"
# Profiles of Wi-Fi, a VPN or with a login (802.1X, PPPoE), as NetworkManager reads key files: with
# spaces around names and values. Those of a cable or modem without a login keep the device online.
PERSONAL = (
    r"^[[:space:]]*(type[[:space:]]*=[[:space:]]*(wifi|802-11-wireless|vpn|wireguard|pppoe)[[:space:]]*$"
    r"|\[(802-1x|pppoe)\])"
)
READ_BACK = f"""\
{EACH_VOLUME}\
    if [ -e "$marker" ]; then echo "{ANSWER}kept $volume"; else echo "{ANSWER}new $volume"; fi
done
grep -lsE '{PERSONAL}' {PROFILES} | while read -r profile; do
    if rm "$profile"; then echo "{ANSWER}forgotten 1"; else echo "{ANSWER}remembered 1"; fi
done
exit
"""


class ReadBack(NamedTuple):
    """Volumes as balenaEngine names them, and how many profiles with a secret were found."""

    new: frozenset[str]
    kept: frozenset[str]
    forgotten: int
    remembered: int


def marked(output: str) -> frozenset[str]:
    """Return the volumes that have the marker."""
    return frozenset(_answers(output, "marked"))


def read_back(output: str) -> ReadBack:
    """Return what the device has after the purge."""
    new, kept = (frozenset(_answers(output, word)) for word in ("new", "kept"))
    counts = (len(_answers(output, word)) for word in ("forgotten", "remembered"))
    return ReadBack(new, kept, *counts)


def _answers(output: str, word: str) -> list[str]:
    prefix = f"{ANSWER}{word} "
    lines = [line.strip() for line in output.splitlines()]
    return [line.removeprefix(prefix) for line in lines if line.startswith(prefix)]
