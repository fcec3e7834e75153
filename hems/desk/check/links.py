"""What a document points at is there: relative links, bin/, etc/ and services/, and its ports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from hems.desk.check import compose, settings, tree

DOCUMENTS = ("*.md", "docs/*.md", "services/*/README.md", "hems/supervision/README.md")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
PLACE = re.compile(r"(?<![\w./])(?:bin|etc|services)/[\w./-]*\w")  # /etc/... is the container's
PLACEHOLDER = "services/NAME"
PORTS = re.compile(r"\bports?\b[*:` ]*((?:\d+(?:, | and |; |\b))+)(?!\.\d)", re.IGNORECASE)


def problems(root: Path) -> Iterator[str]:
    """Yield each link, place and port that is none."""
    ports = _ports(root)
    for pattern in DOCUMENTS:
        for path in sorted(root.glob(pattern)):
            name = str(path.relative_to(root))
            text = tree.text(root, name)
            for target in sorted(set(LINK.findall(text))):
                if not (path.parent / target).exists():
                    yield f"{name}: the link {target} leads nowhere"
            for place in sorted(set(PLACE.findall(text))):
                if not place.startswith(PLACEHOLDER) and not (root / place).exists():
                    yield f"{name}: there is no {place}"
            found = {
                int(port) for list_ in PORTS.findall(text) for port in re.findall(r"\d+", list_)
            }
            for port in sorted(found - ports):
                expected = ", ".join(str(one) for one in sorted(ports))
                yield f"{name}: nothing listens on port {port}, expected one of {expected}"


def _ports(root: Path) -> set[int]:
    """Return what docker-compose.yml publishes and the workers listen on."""
    own = settings.read(root)
    published = {port for one in compose.read(root).services.values() for port in one.published}
    return published | {own.eesmart_d2l.port, own.wifi_connect.port}
