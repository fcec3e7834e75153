"""Give one unit its secrets as files: LoadCredential, ImportCredential, SetCredential.

The folder is below that of the notify socket, which should be in memory. It and its files belong to
the unit's user, who can only read them. The unit's own process writes them before it changes its
user, so no secret gets into supervisord's memory, and so into that of other forked units.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
from fnmatch import fnmatchcase
from pathlib import Path

from hems.supervision.settings.process_settings import Credential, CredentialSettings

VARIABLE = "CREDENTIALS_DIRECTORY"  # systemd.exec(5)
MAX_BYTES = 1 << 20  # of all credentials of a unit together


def folder_of(run_folder: Path, unit: str) -> Path:
    """Return the folder of a unit's credentials; `unit` may contain a colon, no slash."""
    return run_folder / "credentials" / unit


def folder_of_control(folder: Path) -> Path:
    """Return the folder for a control process of the unit that has `folder`."""
    return folder.with_name(f"{folder.name}::control")  # the name of a unit has one colon at most


@functools.cache  # a reload finds it, too
def given() -> Path | None:
    """Return the folder of supervisord's own credentials, which no unit inherits."""
    path = os.environ.pop(VARIABLE, None)
    return Path(path) if path else None


def missing(settings: CredentialSettings) -> list[str]:
    """Return the paths of LoadCredential where a file is missing."""
    with_text = {one.name for one in settings.texts}
    needed = {one.name: one.path for one in settings.loaded if one.name not in with_text}
    return [path for path in needed.values() if path and not Path(path).exists()]


def write(
    settings: CredentialSettings, folder: Path, source: Path | None, user: int, group: int
) -> None:
    """Write the credentials for `user`. `source` is the folder of supervisord's own.

    Raises OSError or ValueError.
    """
    remove(folder)
    folder.parent.mkdir(exist_ok=True)
    folder.mkdir(mode=0o700)
    left = MAX_BYTES
    for name, content in _contents(settings, source).items():
        left -= len(content)
        if left < 0:
            raise ValueError(f"{name}: the credentials have more than {MAX_BYTES} bytes")
        path = folder / name
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o400)
        with open(descriptor, "wb") as file:  # noqa: PTH123
            file.write(content)
        _give(path, user, group)
    folder.chmod(0o500)
    _give(folder, user, group)


def remove(folder: Path) -> None:
    """Remove the credentials of a unit, if there are any.

    The unit's user may keep this from working; then its next start fails.
    """
    with contextlib.suppress(OSError):
        folder.chmod(0o700)
        shutil.rmtree(folder)


def begin_empty(run_folder: Path) -> None:
    """Make the folder of all credentials, and remove what a killed supervisord has left in it.

    It is there before any unit starts, so that InaccessiblePaths can hide it. Raises OSError.
    """
    parent = run_folder / "credentials"
    parent.mkdir(exist_ok=True)
    parent.chmod(0o755)  # whatever the umask is
    for folder in parent.iterdir():
        remove(folder)


def _contents(settings: CredentialSettings, source: Path | None) -> dict[str, bytes]:
    """Return the content of each credential by its name.

    LoadCredential counts before ImportCredential, and this before SetCredential; of two of a kind,
    the later one.
    """
    contents = {one.name: one.value.encode() for one in settings.texts}
    for path in sorted(source.iterdir()) if source and settings.imported else ():
        if _is_imported(path.name, settings):
            contents[path.name] = _content(path)
    for credential in {one.name: one for one in settings.loaded}.values():
        try:
            content = _loaded(credential, source)
        except FileNotFoundError:
            if credential.name not in contents:
                raise
            continue
        if content is not None:
            contents[credential.name] = content
    return contents


def _loaded(credential: Credential, source: Path | None) -> bytes | None:
    if credential.path:
        return _content(Path(credential.path))
    path = source / credential.name if source else None
    return _content(path) if path and path.exists() else None


def _content(path: Path) -> bytes:
    """Return what a file contains, or enough of it to be refused."""
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _is_imported(name: str, settings: CredentialSettings) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in settings.imported)


def _give(path: Path, user: int, group: int) -> None:
    if os.geteuid() != user:
        os.chown(path, user, group)
