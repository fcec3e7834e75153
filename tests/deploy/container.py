"""Programs in a root of their own, made of folders of this machine and others: like a container.

The files of the image and the mounts of the compose project are in their places, so a service's
configuration runs unchanged. All of it disappears with the namespace.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.integration.namespaces import ENVIRON, Namespace

INSIDE = Path("/media")  # a directory that every machine has and nothing here needs


class Container:
    """One root in one namespace.

    `mounts` are sources by their places, None for an empty directory; `users` are those of the
    image beside root, each with its number, which is its group's too.
    """

    def __init__(
        self, space: Namespace, mounts: Mapping[str, Path | None], users: Mapping[str, int]
    ) -> None:
        self._space = space
        space.run("mount", "-t", "tmpfs", "tmpfs", str(INSIDE))
        for path in Path("/").iterdir():
            if path.is_symlink():
                space.run("ln", "-s", str(path.readlink()), f"{INSIDE}{path}")
            elif path.is_dir() and path != INSIDE:
                space.run("mkdir", f"{INSIDE}{path}")
                space.run("mount", "--rbind", str(path), f"{INSIDE}{path}")
        for place, source in mounts.items():
            self._mount(place, source)
        numbers = {"root": 0, **users}
        passwd = [f"{name}:x:{number}:{number}::/:\n" for name, number in numbers.items()]
        self.write("/etc/passwd", "".join(passwd))
        self.write("/etc/group", "".join(f"{name}:x:{one}:\n" for name, one in numbers.items()))

    def write(self, place: str, text: str) -> None:
        """Put a file over one of the machine's, which stays as it is."""
        own = f"{INSIDE}/own{place.replace('/', '-')}"
        self._space.run("tee", own, text=text)
        self._space.run("mount", "--bind", own, f"{INSIDE}{place}")

    def start(
        self, argv: Sequence[str], log: Path, environ: Mapping[str, str] = ENVIRON
    ) -> subprocess.Popen[bytes]:
        """Start a program in here; it ends with the namespace at the latest."""
        return self._space.start(["chroot", str(INSIDE), *argv], environ, log)

    def _mount(self, place: str, source: Path | None) -> None:
        self._space.run("mkdir", "-p", f"{INSIDE}{place}")
        kind = ["-t", "tmpfs", "tmpfs"] if source is None else ["--bind", str(source)]
        self._space.run("mount", *kind, f"{INSIDE}{place}")
