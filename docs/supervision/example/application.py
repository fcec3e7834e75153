"""The smallest WSGI application."""

from collections.abc import Callable, Iterable


def application(_environ: object, start_response: Callable[..., object]) -> Iterable[bytes]:
    """Answer every request with one line."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"gunicorn\n"]
