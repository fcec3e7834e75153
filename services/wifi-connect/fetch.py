"""Download balena's wifi-connect for this machine, check it, and unpack it.

    python3 fetch.py DIRECTORY

DIRECTORY then has the program, wifi-connect, and its pages, ui/. Nothing is unpacked that is not
exactly what the file checksums (sha256sum's format) says. The machine is asked for its kind:
balena's builders do not all set TARGETARCH.
"""

import hashlib
import io
import platform
import sys
import tarfile
import urllib.request
from collections.abc import Mapping
from pathlib import Path

VERSION = "v4.11.84"
RELEASE = f"https://github.com/balena-os/wifi-connect/releases/download/{VERSION}"
CHECKSUMS = Path(__file__).with_name("checksums")
PAGES = "wifi-connect-ui.tar.gz"
TIMEOUT_S = 60


def read_checksums(text: str) -> dict[str, str]:
    """Return the SHA-256 of each file, hex digits by name."""
    return {name: digest for digest, name in (line.split() for line in text.splitlines() if line)}


def program(machine: str) -> str:
    """Return the name of the file with the program for a machine such as aarch64."""
    return f"wifi-connect-{machine}-unknown-linux-gnu.tar.gz"


def expected(name: str, checksums: Mapping[str, str]) -> str:
    """Return the file's SHA-256; end the build if nobody has written it down."""
    if name not in checksums:
        sys.exit(
            f"checksums has no line for {name}, found {', '.join(sorted(checksums))}: "
            f"add the SHA-256 of {RELEASE}/{name}"
        )
    return checksums[name]


def unpack(name: str, data: bytes, digest: str, directory: Path) -> None:
    """Unpack a file; end the build if it is not the one of `digest`."""
    found = hashlib.sha256(data).hexdigest()
    if found != digest:
        sys.exit(f"{name} has the SHA-256 {found}, expected {digest}: somebody has changed it")
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        archive.extractall(directory, filter="data")


def main(directory: Path) -> None:
    """Download and unpack both files; end the build with a line that says what went wrong."""
    checksums = read_checksums(CHECKSUMS.read_text(encoding="ascii"))
    parts = {program(platform.machine()): directory, PAGES: directory / "ui"}
    wanted = {name: expected(name, checksums) for name in parts}
    for name, digest in wanted.items():
        try:
            with urllib.request.urlopen(f"{RELEASE}/{name}", timeout=TIMEOUT_S) as answer:  # noqa: S310 - https
                data = answer.read()
        except OSError as error:
            sys.exit(f"{RELEASE}/{name} cannot be downloaded: {error}")
        unpack(name, data, digest, parts[name])
    for made in (directory / "wifi-connect", directory / "ui" / "index.html"):
        if not made.is_file():
            sys.exit(f"{made.name} was not in what was downloaded")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
