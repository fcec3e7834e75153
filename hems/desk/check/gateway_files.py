"""What the services read on the volume `gateway` is what the worker provision writes there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from hems.desk.check import settings, tree
from hems.settings.logins import Secret
from hems.workers.provision.layout import Layout

FILES = {
    "tls": ("ca.crt", "server.crt", "server.key"),
    "nginx": ("htpasswd",),
    "mosquitto": ("passwd", "acl"),
    "": ("mosquitto.conf", "bridge.conf"),
}
READERS = {".conf", ".md", ".py", ".template", ".yaml"}
VARIABLE = re.compile(r"^map .*\$(\w+) \{\s*default (/\S+);", re.MULTILINE)  # nginx's, of one value


def problems(root: Path) -> Iterator[str]:
    """Yield each path below the volume that nobody writes."""
    gateway = Path(settings.read(root).provision.gateway_directory)
    known = {str(path) for path in _written(Layout(gateway, Path(), sets_owner=False))}
    pattern = re.compile(rf"(?<![\w/.]){re.escape(str(gateway))}(?:/[\w-][\w.-]*)*(?<!\.)")
    for path in sorted((root / "services").rglob("*")):
        if path.suffix in READERS:
            name = str(path.relative_to(root))
            text = tree.text(root, name)
            for variable, value in VARIABLE.findall(text):
                text = text.replace(f"${variable}/", f"{value}/")
            for found in sorted({*pattern.findall(text)} - known):
                yield f"{name}: {found}: nobody writes it, expected {_near(found, known)}"


def _written(layout: Layout) -> Iterator[Path]:
    """Yield the directories and files of the volume."""
    directories = {"tls": layout.tls, "nginx": layout.nginx, "mosquitto": layout.mosquitto}
    yield from (layout.gateway, layout.secrets, *directories.values())
    yield from (layout.secrets / secret for secret in Secret)
    for directory, names in FILES.items():
        yield from (directories.get(directory, layout.gateway) / name for name in names)


def _near(path: str, known: set[str]) -> str:
    """Return what stands in the same directory, everything if that is none."""
    beside = [one for one in known if Path(one).parent == Path(path).parent]
    return "one of " + ", ".join(sorted(beside or known))
