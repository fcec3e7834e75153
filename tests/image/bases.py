"""The images that the Dockerfiles start from, without a registry.

Debian itself is made from the archive. Other programs stand in peers/Dockerfile, built from
Debian's packages: a stage for each, by the name of the image it stands for.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from hems.desk.check import compose, dockerfile, images
from hems.system import process
from tests import archive
from tests.image.engine import Podman
from tests.integration.worker_process import ROOT

SUITE = "trixie"
# As in Docker's Debian images: apt keeps nothing that an image would have to carry.
NO_CACHE = ['--aptopt=Dir::Cache::pkgcache ""', '--aptopt=Dir::Cache::srcpkgcache ""']
NOTHING_KEPT = 'APT::Keep-Downloaded-Packages "false";\n'  # mmdebstrap itself has to
MAKE_S = 600.0
DEBIAN = "debian"
PEERS = Path(__file__).with_name("peers")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def key() -> str:
    """Return a name that changes when something Debian is made from does."""
    files = [Path(__file__), Path(archive.__file__)]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def make(directory: Path) -> None:
    """Make Debian in the empty `directory`: root.tar. Raises Unavailable."""
    settings = directory / "apt.conf"
    settings.write_text(NOTHING_KEPT)
    options = [
        "--variant=minbase",
        "--architectures=amd64",
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in archive.LEFT_OUT),
        *NO_CACHE,
        f"--customize-hook=upload {settings} /etc/apt/apt.conf.d/nothing-kept",
    ]
    target = [SUITE, str(directory / "root.tar"), archive.source(SUITE)]
    process.run(["mmdebstrap", "--quiet", *options, *target], MAKE_S)


def wanted(services: list[str]) -> set[str]:
    """Return the images that the Dockerfiles of `services` start from."""
    paths = dockerfile.paths(compose.read(ROOT))
    found = [images.bases(dockerfile.read(ROOT, paths[name])) for name in services]
    return {image for names in found for image in names}


def provide(podman: Podman, directory: Path, names: set[str]) -> None:
    """Give podman every image of `names`, from what `make` left in `directory`."""
    by_program = {name.rpartition(":")[0].rpartition("/")[2]: name for name in names}
    debian = _full(by_program.pop(DEBIAN))
    if podman.outcome(["podman", "image", "exists", debian]).returncode:
        change = ['--change=CMD ["bash"]', f"--change=ENV PATH={PATH}"]
        podman.run("import", "--quiet", *change, str(directory / "root.tar"), debian)
    for program, name in sorted(by_program.items()):
        stage = [f"--target={program}", f"--build-arg=DEBIAN={debian}", f"--tag={_full(name)}"]
        podman.run("build", "--pull=never", *stage, str(PEERS), timeout_s=MAKE_S)


def _full(name: str) -> str:
    """Return the name under which podman looks for `name` of a Dockerfile."""
    host, _, rest = name.partition("/")
    if rest and "." in host:
        return name
    return f"docker.io/{name}" if rest else f"docker.io/library/{name}"
