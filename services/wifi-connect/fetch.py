"""Download balena's wifi-connect for this machine, verify its hash, and unpack it.

    python3 fetch.py DIRECTORY

Afterwards DIRECTORY has the program, wifi-connect, its pages, ui/, and component.json, which tells
the SBOM (services/sbom) where they come from. A file is unpacked only if
its SHA-256 is in the file checksums (sha256sum's format). The kind of machine comes from the
machine itself: not all of balena's builders set TARGETARCH.
"""

import hashlib
import io
import json
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
    """Return file name → SHA-256 (hex digits)."""
    return {name: digest for digest, name in (line.split() for line in text.splitlines() if line)}


def program_archive(machine: str) -> str:
    """Return the name of the file that has the program for a machine such as aarch64."""
    return f"wifi-connect-{machine}-unknown-linux-gnu.tar.gz"


def checksum(name: str, checksums: Mapping[str, str]) -> str:
    """Return the SHA-256 of a file; end the build if `checksums` has none."""
    if name not in checksums:
        sys.exit(
            f"checksums has no line for {name}, found {', '.join(sorted(checksums))}: "
            f"add the SHA-256 of {RELEASE}/{name}"
        )
    return checksums[name]


def unpack(name: str, data: bytes, expected: str, directory: Path) -> None:
    """Unpack a file; end the build if its SHA-256 is not the `expected` one."""
    actual = hashlib.sha256(data).hexdigest()
    if actual != expected:
        sys.exit(f"{name} has the SHA-256 {actual}, expected {expected}: the file has changed")
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        archive.extractall(directory, filter="data")


def component(digest: str) -> str:
    """Return the SBOM's entry for wifi-connect, whose program came in a file of this SHA-256."""
    url = f"pkg:github/balena-os/wifi-connect@{VERSION}"
    return json.dumps(
        {
            "type": "application",
            "bom-ref": url,
            "name": "wifi-connect",
            "version": VERSION,
            "purl": url,
            "licenses": [{"license": {"id": "Apache-2.0"}}],
            "hashes": [{"alg": "SHA-256", "content": digest}],
        }
    )


def main(directory: Path) -> None:
    """Download and unpack both files; end the build with one line if that fails."""
    checksums = read_checksums(CHECKSUMS.read_text(encoding="ascii"))
    targets = {program_archive(platform.machine()): directory, PAGES: directory / "ui"}
    digests = {name: checksum(name, checksums) for name in targets}
    for name, digest in digests.items():
        try:
            with urllib.request.urlopen(f"{RELEASE}/{name}", timeout=TIMEOUT_S) as response:  # noqa: S310 - https
                data = response.read()
        except OSError as error:
            sys.exit(f"{RELEASE}/{name} cannot be downloaded: {error}")
        unpack(name, data, digest, targets[name])
    for path in (directory / "wifi-connect", directory / "ui" / "index.html"):
        if not path.is_file():
            sys.exit(f"the download does not contain {path.name}")
    program = component(digests[program_archive(platform.machine())])
    (directory / "component.json").write_text(program, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
