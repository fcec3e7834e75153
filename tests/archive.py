"""The Debian archive that this machine's apt is set up for: tests make small Debians from it."""

from __future__ import annotations

from pathlib import Path

from hems.errors import Unavailable
from hems.system import subprocesses

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
LEFT_OUT = ["/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*"]  # of small Debians


def mirror() -> str:
    """Return the archive's address. Raises Unavailable."""
    columns = ["--no-release-info", "--format", "$(REPO_URI)", "Created-By: Packages"]
    addresses = subprocesses.run(["apt-get", "indextargets", *columns], 30).split()
    for address in addresses:
        if address.rstrip("/").endswith("/debian"):
            return address
    raise Unavailable(f"apt knows {addresses or 'no archive'}, expected one that ends in /debian")


def source(suite: str) -> str:
    """Return the line of sources.list for `suite`. Raises Unavailable."""
    return f"deb [arch=amd64 signed-by={KEYRING}] {mirror()} {suite} main"
