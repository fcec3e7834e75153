"""Check that the volumes are mounted and writable."""

from __future__ import annotations

from pathlib import Path

from hems.doctor.check_interface import CheckContext, Finding, failed, ok
from hems.doctor.repair_commands import RepairCommands
from hems.errors import Unavailable
from hems.settings.provision import ProvisionSettings
from hems.system import files

TITLE = "volumes"
CAUSES = ("settings", "disk_space")


def check(context: CheckContext) -> list[Finding]:
    settings, default = context.settings.provision, ProvisionSettings()
    directories = {
        settings.gateway_directory: default.gateway_directory,
        settings.data_directory: default.data_directory,
    }
    return [
        volume(Path(name), context.commands, is_volume=name == usual)
        for name, usual in directories.items()
    ]


def volume(directory: Path, commands: RepairCommands, *, is_volume: bool) -> Finding:
    """Return whether `directory` is writable, and mounted if `is_volume` says that it must be."""
    try:
        files.require_writable(directory)
    except Unavailable as error:
        advice = commands.reboot if directory.is_dir() else commands.deploy
        return failed(str(error), "a writable directory", advice)
    if is_volume and not directory.is_mount():
        found = f"{directory} is not a volume: an update deletes its content"
        return failed(found, "a volume", commands.deploy)
    return ok(f"{directory} is writable")
