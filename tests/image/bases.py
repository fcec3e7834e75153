"""The images that the Dockerfiles start from, without a registry.

Debian itself is made from the archive. Other programs stand in peers/Dockerfile, built from
Debian's packages: a stage for each, with the name of the image that it replaces.
"""

from __future__ import annotations

from pathlib import Path

from dev.check import compose_file, dockerfile
from tests.image import minimal
from tests.image.engine import Podman, building
from tests.integration.worker_process import ROOT

BUILD_S = 600.0
DEBIAN = "debian"
PEERS = Path(__file__).with_name("peers")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def provide(podman: Podman, directory: Path) -> None:
    """Give podman every image that a Dockerfile starts from; minimal.make filled `directory`."""
    names = {name.partition("@")[0] for name in _named()}
    by_program = {name.rpartition(":")[0].rpartition("/")[2]: name for name in names}
    debian = _full(by_program.pop(DEBIAN))
    if podman.outcome(["podman", "image", "exists", debian]).returncode:
        change = ['--change=CMD ["bash"]', f"--change=ENV PATH={PATH}"]
        podman.run("import", "--quiet", *change, str(directory / minimal.ROOT_FILES), debian)
    for program, name in sorted(by_program.items()):
        stage = [f"--target={program}", f"--build-arg=DEBIAN={debian}", f"--tag={_full(name)}"]
        podman.run("build", *building(), *stage, str(PEERS), timeout_s=BUILD_S)


def instead_of_digests() -> list[str]:
    """Return the options by which a build takes these images for those that digests pin."""
    pinned = sorted(name for name in _named() if "@" in name)
    return [
        f"--build-context={name}=container-image://{_full(name.partition('@')[0])}"
        for name in pinned
    ]


def tag_debian(podman: Podman, name: str) -> None:
    """Give the Debian of the project's Dockerfile another name."""
    (own,) = {*dockerfile.bases(dockerfile.read(ROOT, "Dockerfile"))}
    podman.run("tag", _full(own.partition("@")[0]), _full(name))


def _named() -> set[str]:
    """Return the images as the Dockerfiles name them."""
    paths = dockerfile.paths(compose_file.read(ROOT)).values()
    return {name for path in paths for name in dockerfile.bases(dockerfile.read(ROOT, path))}


def _full(name: str) -> str:
    """Return the name under which podman looks for `name` of a Dockerfile."""
    host, _, rest = name.partition("/")
    if rest and "." in host:
        return name
    return f"docker.io/{name}" if rest else f"docker.io/library/{name}"
