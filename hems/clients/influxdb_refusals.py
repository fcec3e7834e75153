"""How InfluxDB 2.7 says no, and what that means for who wants to write."""

from __future__ import annotations

from hems.clients.json_body import message
from hems.errors import HemsError, Rejected, Unavailable

SHOWN = 200  # characters of an error's message


class Refused(Rejected):
    """It answered with `status`, from 400 to 499."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class NotWritable(Rejected):
    """Nothing can be written: what was `found`, and as `advice` what a person can do."""

    def __init__(self, found: str, advice: str) -> None:
        super().__init__(f"{found}: {advice}")
        self.found = found
        self.advice = advice


class MissingBucket(NotWritable):
    """The token is good, the organisation is there, the bucket is not."""


def refusal(status: int, content: bytes, what: str) -> HemsError:
    """Return the error that an answer of `status` with this body means."""
    said = f"{what}: {status}: {message(content)[:SHOWN]}"
    # 429: it asks for patience, see RFC 6585, section 4
    return Refused(status, said) if 400 <= status < 500 and status != 429 else Unavailable(said)
