"""docker-compose.yml goes through the parser that `balena push` uses.

It is JavaScript, from npm, pinned by package-lock.json here and installed once, outside the
repository.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from hems.desk import cache
from hems.desk.check import tree
from hems.desk.check.compose import FILE
from hems.errors import Unavailable
from hems.system import process

HERE = Path(__file__).parent
LOCK = HERE / "package-lock.json"
INSTALL_S, PARSE_S = 60, 30
# Peers would double the size, and the parser needs none; no package runs programs here.
OPTIONS = ("--legacy-peer-deps", "--ignore-scripts", "--no-audit", "--no-fund")


def problems(root: Path) -> Iterator[str]:
    """Yield the parser's reason to refuse the file, if it does.

    Raises ConfigError when it is not YAML, Unavailable when the parser cannot be installed or
    started.
    """
    tree.document(root, FILE)  # what is no YAML is told once, in the words of all checks
    key = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]
    install = partial(_install, until=time.monotonic() + INSTALL_S)
    with cache.held("hems-check", key, install) as folder:
        argv = ["node", str(HERE / "parse.mjs"), str(folder), str(root / FILE)]
        if reason := process.run(argv, PARSE_S).strip():
            yield f"{FILE}: balena's parser refuses it: {reason}"


def _install(folder: Path, until: float) -> None:
    """Fetch it into `folder`, before `until` on the monotonic clock. Raises Unavailable."""
    left_s = until - time.monotonic()
    if left_s <= 0:  # at the second attempt
        raise Unavailable(f"npm did not fetch balena's parser within {INSTALL_S} s")
    print(f"fetching balena's parser with npm, once: {left_s:.0f} s at most", flush=True)
    shutil.copy(LOCK, folder)
    shutil.copy(HERE / "package.json", folder)
    process.run(["npm", "ci", "--prefix", str(folder), *OPTIONS], left_s)
