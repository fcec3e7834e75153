"""Convert one value of hems.toml or of a variable to the type of its setting."""

from __future__ import annotations

from typing import Any

import msgspec

from hems.errors import ConfigError
from hems.settings.validation_problems import expectation, strange

MAX_TEXT = 1000  # characters of one text
MAX_ITEMS = 100
TEXTS = tuple[str, ...]


def converted(value: object, kind: Any, *, is_text: bool) -> Any:
    """Return `value` as a `kind`; `is_text` is whether it is from a variable.

    Raises ConfigError with what was expected, whatever the value is.
    """
    if is_text and kind == TEXTS and isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(value, list) and len(value) > MAX_ITEMS:
        raise ConfigError(f"expected at most {MAX_ITEMS} values")
    for part in value if isinstance(value, list) else [value]:
        if isinstance(part, str):
            _check_text(part)
    try:
        return msgspec.convert(value, kind, strict=not is_text)
    except msgspec.ValidationError as error:
        raise ConfigError(expectation(str(error))) from None
    except (ValueError, OverflowError):  # an integer of thousands of digits
        raise ConfigError("expected a number of fewer digits") from None


def _check_text(text: str) -> None:
    if len(text) > MAX_TEXT:
        raise ConfigError(f"expected at most {MAX_TEXT} characters")
    if kind := strange(text):
        raise ConfigError(f"expected text without {kind}")
