#!/usr/bin/env python3
"""balena's CLI for one device that is a folder: the commands that bin/wipe uses, by its rules.

    device.json    what the cloud knows: is_online, variables, …; and faults that a test orders
    history        one line for each command
    volumes/NAME   the device's volumes; host/ has the files of its balenaOS

Rules of balena-cli 22 to 25: `env list --device` also lists the fleet's variables, with deviceUUID
*; `env rm` asks unless --yes is given, and needs --service for a variable of one service; commands
from standard input reach the host's shell only; nothing reaches a device that is offline.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

PLACE = Path(os.environ["FAKE_BALENA"])
ENGINE = """\
#!/bin/sh
case "$2" in
    ls) ls {volumes} ;;
    inspect) echo {volumes}/"$5" ;;
esac
"""


def main(arguments: list[str]) -> None:
    with (PLACE / "history").open("a") as history:
        history.write(" ".join(arguments) + "\n")
    state = json.loads((PLACE / "device.json").read_text())
    match arguments:
        case ["device", uuid, "--json"]:
            require(state, uuid, is_online=False)
            sys.stdout.write(json.dumps(state["device"]))
        case ["env", "list", "--device", uuid, "--json"]:
            require(state, uuid, is_online=False)
            sys.stdout.write(json.dumps(state["variables"]))
        case ["env", "rm", number, "--device", *flags]:
            remove(state, int(number), flags)
        case ["device", "purge", uuid]:
            require(state, uuid)
            for volume in (PLACE / "volumes").iterdir():
                if volume.name not in state["orphans"]:
                    shutil.rmtree(volume)
                    volume.mkdir()
        case ["device", "ssh" | "reboot" as order, uuid]:
            require(state, uuid)
            shell(sys.stdin.read() if order == "ssh" else "")
        case _:
            sys.exit(f"Unexpected arguments: {arguments}")


def require(state: dict, uuid: str, *, is_online: bool = True) -> None:  # type: ignore[type-arg]
    if not state["device"]["uuid"].startswith(uuid):
        sys.exit(f"BalenaDeviceNotFound: Device not found: {uuid}")
    if is_online and not state["device"]["is_online"]:
        sys.exit(f"Device with UUID {uuid} is disconnected")


def remove(state: dict, number: int, flags: list[str]) -> None:  # type: ignore[type-arg]
    if "--yes" not in flags:
        sys.exit("a person would be asked")
    is_of_service = "--service" in flags
    kept = [
        one
        for one in state["variables"]
        if one["id"] != number or (one["serviceName"] != "*") != is_of_service
    ]
    if not state["is_stubborn"]:
        (PLACE / "device.json").write_text(json.dumps(state | {"variables": kept}))


def shell(text: str) -> None:
    """Run `text` as the host's shell does, with this device's files in their places."""
    programs = PLACE / "programs"
    programs.mkdir(exist_ok=True)
    engine = programs / "balena-engine"
    engine.write_text(ENGINE.format(volumes=PLACE / "volumes"))
    engine.chmod(0o755)
    for folder in ("/etc/NetworkManager", "/mnt/boot"):
        text = text.replace(folder, f"{PLACE}/host{folder}")
    path = f"{programs}:{os.environ['PATH']}"
    subprocess.run(
        ["sh"],
        input=f"echo a banner of the system\n{text}",
        text=True,
        env={"PATH": path},
        check=False,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
