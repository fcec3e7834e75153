"""The volumes are mounted, and can be written to."""

from __future__ import annotations

from pathlib import Path

from hems.doctor.finding import Finding, failed, ok
from hems.errors import Unavailable
from hems.settings import Settings
from hems.settings.provision import Provision
from hems.system import files

MOUNT = "push the release as it is: docker-compose.yml mounts it"
REPAIR = "reboot, so that the file system is checked: balena device reboot UUID"


def look(settings: Settings) -> list[Finding]:
    own, usual = settings.provision, Provision()
    return [
        judged(
            Path(own.gateway_directory), is_volume=own.gateway_directory == usual.gateway_directory
        ),
        judged(Path(own.data_directory), is_volume=own.data_directory == usual.data_directory),
    ]


def judged(directory: Path, *, is_volume: bool) -> Finding:
    """Return how `directory` is; what is in one that should be a volume goes with the container."""
    try:
        files.require_writable(directory)
    except Unavailable as error:
        return failed(
            str(error), "a directory to write to", REPAIR if directory.is_dir() else MOUNT
        )
    if is_volume and not directory.is_mount():
        return failed(f"{directory} is no volume: its content is lost", "a volume", MOUNT)
    return ok(f"{directory} can be written to")
