"""One component of an image, as CycloneDX 1.6 describes it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

Component = dict[str, Any]
WORD = r"[A-Za-z0-9][A-Za-z0-9.+-]*"
EXPRESSION = re.compile(rf"\(*{WORD}\)*(?: (?:AND|OR|WITH) \(*{WORD}\)*)*")


def purl(kind: str, name: str, version: str, qualifiers: Mapping[str, str] | None = None) -> str:
    """Return the package URL. `name` may begin with a namespace (`debian/libc6`, `@lezer/css`)."""
    pairs = sorted((qualifiers or {}).items())
    text = f"pkg:{kind}/{quote(name)}@{quote(version, safe=':')}".replace("+", "%2B")
    return text + "?" * bool(pairs) + "&".join(f"{key}={quote(value)}" for key, value in pairs)


def component(url: str, name: str, version: str) -> Component:
    """Return a library."""
    return {"type": "library", "bom-ref": url, "name": name, "version": version, "purl": url}


def licensed(made: Component, licences: Iterable[str], *, is_spdx: bool = False) -> Component:
    """Return the component with its licences, those that are not empty.

    With `is_spdx` the one licence is an SPDX expression, unless it does not look like one.
    """
    texts = sorted({one.strip() for one in licences} - {""})
    if is_spdx and len(texts) == 1 and EXPRESSION.fullmatch(texts[0]):
        return made | {"licenses": [{"expression": texts[0]}]}
    named = [{"license": {"name": text}} for text in texts]
    return made | {"licenses": named} if named else made


def hashed(made: Component, hashes: Mapping[str, str]) -> Component:
    """Return the component with the hashes of the file that it came in: algorithm → hex digits."""
    entries = [{"alg": name, "content": hashes[name]} for name in sorted(hashes)]
    return made | {"hashes": entries} if entries else made
