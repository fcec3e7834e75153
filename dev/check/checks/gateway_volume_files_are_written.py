"""Check that the worker provision writes every file that services read on the volume `gateway`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from dev.check import default_settings, dockerfile, read_source_files, supervisord_conf
from hems.settings.shared_secret_rules import Secret
from hems.workers.provision.gateway_file_paths import GatewayFiles

TITLE = "provision: it writes every file that services read"
DOCKERFILE = "Dockerfile"
FILES = {
    "tls": ("ca.crt", "server.crt", "server.key"),
    "nginx": ("htpasswd", "doors.conf", "names", "pages-on-http"),
    "mosquitto": ("passwd", "acl", "device-passwd", "device-acl"),
    "": ("mosquitto.conf", "bridge.conf"),
}
READERS = {".conf", ".md", ".py", ".yaml"}
VARIABLE = re.compile(r"^map .*\$(\w+) \{\s*default (/\S+);", re.MULTILINE)  # a constant in nginx


def problems(root: Path) -> Iterator[str]:
    """Yield each path on the volume that nobody writes."""
    gateway = Path(default_settings.read(root).provision.gateway_directory)
    written = {str(path) for path in _written(GatewayFiles(gateway, Path(), sets_owner=False))}
    variables = dockerfile.environment(dockerfile.read(root, DOCKERFILE))
    for unit in supervisord_conf.units(root, variables).values():  # supervisord opens its sockets
        written |= {address.path for address in unit.sockets.listen}
    pattern = re.compile(rf"(?<![\w/.]){re.escape(str(gateway))}(?:/[\w-][\w.-]*)*(?<!\.)")
    for path in sorted((root / "services").rglob("*")):
        if path.suffix in READERS:
            name = str(path.relative_to(root))
            text = read_source_files.text(root, name)
            for variable, value in VARIABLE.findall(text):
                text = text.replace(f"${variable}/", f"{value}/")
            for unknown in sorted({*pattern.findall(text)} - written):
                expected = ", ".join(_neighbours(unknown, written))
                yield f"{name}: {unknown}: provision does not write it, expected one of {expected}"


def _written(layout: GatewayFiles) -> Iterator[Path]:
    """Yield the directories and files of the volume."""
    directories = {"tls": layout.tls, "nginx": layout.nginx, "mosquitto": layout.mosquitto}
    yield from (layout.gateway, layout.secrets, *directories.values())
    yield from (layout.secrets / secret for secret in Secret)
    for directory, names in FILES.items():
        yield from (directories.get(directory, layout.gateway) / name for name in names)


def _neighbours(path: str, written: set[str]) -> list[str]:
    """Return the written paths in the directory of `path`, all if there are none."""
    beside = [name for name in written if Path(name).parent == Path(path).parent]
    return sorted(beside or written)
