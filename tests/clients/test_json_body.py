import pytest

from hems.clients.json_body import decoded, message
from hems.errors import ProtocolError


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"status":"failed","message":"locked"}', "locked"),
        (b'{"Data":"","Error":"Lockfile exists"}', "Lockfile exists"),
        (b"Service\n not found", "Service not found"),
        (b"", "without a reason"),
        (b'{"message":3}', '{"message":3}'),
        (b"\xff", "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_what_an_error_says(body: bytes, expected: str) -> None:
    assert message(body) == expected


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"\xff"', b"[" * 100_000])
def test_what_is_malformed_names_the_peer(body: bytes) -> None:
    with pytest.raises(ProtocolError, match="the peer: "):
        decoded(body, dict[str, int], "the peer")
