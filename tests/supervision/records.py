"""Draw the library's records with hypothesis."""

from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


def records(kind: Callable[..., T], **values: st.SearchStrategy[Any]) -> st.SearchStrategy[T]:
    """Draw a NamedTuple. A field without a strategy has its default; st.builds would draw it."""
    return st.fixed_dictionaries(values).map(lambda drawn: kind(**drawn))
