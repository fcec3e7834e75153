import pytest

from hems.clients.http import MAX_REASON, HttpClient, HttpResponse, error_message
from hems.errors import Rejected, Unavailable


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"status":"failed","message":"locked"}', "locked"),
        (b'{"Data":"","Error":"Lockfile exists"}', "Lockfile exists"),
        (b"Service\n not found", "Service not found"),
        (b"", "no reason given"),
        (b'{"message":3}', '{"message":3}'),
        (b"\xff", "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_the_message_of_an_error(body: bytes, expected: str) -> None:
    assert error_message(body) == expected


def test_a_long_reason_is_cut() -> None:
    assert HttpResponse(503, b"x" * 10_000).reason == "x" * MAX_REASON


@pytest.mark.parametrize(
    ("status", "is_success"), [(199, False), (200, True), (299, True), (300, False)]
)
def test_success_is_a_status_from_200_to_299(status: int, is_success: bool) -> None:
    assert HttpResponse(status, b"").is_success is is_success


@pytest.mark.parametrize("host", ["a..b", "x" * 64, ".b", "*.b", "", "é" * 64])
def test_a_host_name_that_cannot_be_encoded_is_a_clear_error(host: str) -> None:
    with pytest.raises(Unavailable, match=r"^InfluxDB, GET /health: the host name is not valid$"):
        HttpClient("InfluxDB", (host, 8086)).request("GET", "/health", 1.0)


@pytest.mark.parametrize("key", ["s3cret\n", "s3cret\r\nX: y", " s3cret"])
def test_a_key_that_cannot_be_a_header_is_rejected_and_not_shown(key: str) -> None:
    client = HttpClient("InfluxDB", ("192.0.2.1", 8086))
    with pytest.raises(Rejected, match="key or token") as error:
        client.request("GET", "/", 1.0, headers={"Authorization": key})
    assert "s3cret" not in str(error.value)
