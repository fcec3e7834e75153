"""Take out of an edited configuration.yaml what Home Assistant keeps in its stores now.

Home Assistant 2026 reads `http:` and the connection of `influxdb:` once; from then on it complains
of them, and an `http:` section makes it restart after five minutes. The gateway's own
configuration.yaml has neither, but one that a person has edited keeps the lines of an older
release. They become comments: the stores have the same values (.storage/http since before,
influxdb_entry.py). Lines for another database are a person's and stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from influxdb_entry import HOST

NOTE = "# Home Assistant keeps this in its own store now, so the gateway made it a comment:\n"
CONNECTION = {"api_version", "ssl", "host", "port", "token", "organization", "bucket", "verify_ssl"}
SECTION = re.compile(r"([A-Za-z_]\w*):")
VALUE = re.compile(r"""(?P<indent>[ \t]+)(?P<key>\w+):\s*['"]?(?P<value>[^'"\s#]*)""")
Block = list[str]


def commented(text: str) -> str:
    """Return `text` with these lines as comments; the same text if there are none."""
    changed = {"http": _without_section, "influxdb": _without_connection}
    blocks = (changed.get(name, iter)(block) for name, block in _blocks(text))
    return "".join(line for block in blocks for line in block)


def has_other_database(text: str) -> bool:
    """Return whether `influxdb:` names the host of another database."""
    blocks = (block for name, block in _blocks(text) if name == "influxdb")
    hosts = [value for block in blocks for _, key, value in _values(block) if key == "host"]
    return any(host != HOST for host in hosts)


def _blocks(text: str) -> Iterator[tuple[str, Block]]:
    """Yield the top-level sections with their name; what is before the first has none."""
    name, block = "", Block()
    for line in text.splitlines(keepends=True):
        if match := SECTION.match(line):
            yield name, block
            name, block = match[1], []
        block.append(line)
    yield name, block


def _values(block: Block) -> Iterator[tuple[int, str, str]]:
    """Yield number, key and value of each line that is a key of the section itself."""
    indent = ""
    for number, line in enumerate(block):
        if match := VALUE.match(line):
            indent = indent or match["indent"]
            if match["indent"] == indent:
                yield number, match["key"], match["value"]


def _without_section(block: Block) -> Iterator[str]:
    yield NOTE
    for number, line in enumerate(block):
        is_of_section = number == 0 or (line[0] in " \t" and bool(line.strip()))
        yield f"# {line}" if is_of_section else line


def _without_connection(block: Block) -> Iterator[str]:
    ours = {number for number, key, _ in _values(block) if key in CONNECTION}
    if has_other_database("".join(block)):
        ours = set()
    for number, line in enumerate(block):
        if number in ours and number == min(ours):
            yield f"  {NOTE}"
        yield f"# {line}" if number in ours else line
