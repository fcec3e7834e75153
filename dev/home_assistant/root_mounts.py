"""The mounts that make a root file system a container of Home Assistant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

# What a container has of /dev, beside the devices that were plugged in.
NODES = ("/dev/full", "/dev/null", "/dev/random", "/dev/tty", "/dev/urandom", "/dev/zero")
FOLDERS = ("/dev/pts", "/dev/shm")  # noqa: S108 - the container's own
WRITABLE = ("/run", "/tmp", "/root")  # noqa: S108


def commands(root: Path, inside: Path, places: Mapping[str, Path]) -> Iterator[tuple[str, ...]]:
    """Yield what makes `inside` a container whose root is `root`, read-only.

    `places` are the container's folders that are other folders outside.
    """
    yield ("mount", "--bind", str(root), str(inside))
    yield ("mount", "-o", "remount,bind,ro", str(inside))
    for place in WRITABLE:
        yield ("mount", "-t", "tmpfs", "tmpfs", f"{inside}{place}")
    made = [place for place in places if place.startswith(tuple(f"{one}/" for one in WRITABLE))]
    for place in made:
        yield ("mkdir", "-p", f"{inside}{place}")
    for place, source in places.items():
        yield ("mount", "--bind", str(source), f"{inside}{place}")
    yield ("mount", "--rbind", "/proc", f"{inside}/proc")
    yield ("mount", "-t", "tmpfs", "tmpfs", f"{inside}/dev")
    for node in NODES:
        yield ("touch", f"{inside}{node}")
    yield ("mkdir", "-p", *(f"{inside}{folder}" for folder in FOLDERS))
    for place in (*NODES, *FOLDERS):
        yield ("mount", "--rbind", place, f"{inside}{place}")
