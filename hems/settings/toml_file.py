"""Read a TOML file, or say in one line which line of it is wrong and what to do about it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from hems.errors import ConfigError

ADVICE_FILE = "HEMS_CONFIG can name another file"
MAX_SIZE = 1_000_000  # bytes
PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
UNCLOSED = ("Illegal character '\\n'", "Unterminated string", 'Expected "\'"', "Expected '\"'")
ADVICE = {
    "Invalid value": 'text needs quotes: name = "text"; a switch is true or false',
    "Expected '=' after a key in a key/value pair": "write name = value",
    "Expected newline or end of document after a statement": "begin a new line, or remove the rest",
    "Cannot overwrite a value": "a name is there twice: remove one",
    "Unclosed array": "a list is not closed: add ]",
}


def file_content(path: Path) -> bytes:
    """Return the bytes of the file. Raises ConfigError with one line that names it."""
    try:
        if path.stat().st_size > MAX_SIZE or path.is_char_device() or path.is_fifo():
            expected = f"expected a file of up to {MAX_SIZE} bytes"
            raise ConfigError(f"{path}: {expected}; {ADVICE_FILE}")
        return path.read_bytes()
    except OSError as error:
        text = f"{path}: cannot be read: {error.strerror}; {ADVICE_FILE}"
        raise ConfigError(text) from None


def document(path: Path, data: bytes) -> dict[str, Any]:
    """Return the document in `data`, the content of the file.

    Raises ConfigError with one line that names file and line.
    """
    try:
        text = data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        fault = f"{path}: line {line}: not UTF-8; save the file as UTF-8"
        raise ConfigError(fault) from None
    try:
        return tomllib.loads(text)
    except ValueError as error:  # TOMLDecodeError, or a number of too many digits
        raise ConfigError(f"{path}: {fault_line(text, str(error))}") from None
    except RecursionError:
        raise ConfigError(f"{path}: not valid TOML: nested too deeply") from None


def fault_line(text: str, fault: str) -> str:
    """Return tomllib's `fault` of the document `text` with its line, and what to do."""
    place = PLACE.search(fault)
    what = PLACE.sub("", fault)
    end = text.rstrip("\n").count("\n") + 1
    line = int(place[1]) if place and place[1] else end
    if what in UNCLOSED:
        return f"line {line}: a quote is not closed; add the missing quote"
    if what.startswith(("Cannot declare", "Cannot mutate")):
        return f"line {line}: {what}; a section or name is there twice: remove one"
    if what.startswith("Expected ']' at the end of a table"):
        return f"line {line}: a section's name is not closed; write [name]"
    advice = ADVICE.get(what, "see https://toml.io")
    return f"line {line}: not valid TOML: {what}; {advice}"
