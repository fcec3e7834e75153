from contextlib import suppress

import pytest
from http_messages import Head, Refused, Response, json_response, parse_head

HEAD = b"GET /api/file?path=a%2Fb%ff&path=c&to= HTTP/1.1\r\nHost: gateway\r\nX-Editor: 1\r\n\r\n"


def head(*lines: str) -> Head:
    return parse_head("\r\n".join(["PUT / HTTP/1.1", *lines, "", ""]).encode())


def test_a_head_has_its_parts() -> None:
    head = parse_head(HEAD)
    assert (head.method, head.path) == ("GET", "/api/file")
    assert head.query == {"path": "c", "to": ""}
    assert head.headers["x-editor"] == "1"
    assert head.body_size == 0
    assert parse_head(b"GET /%ff?a=%ff HTTP/1.0\r\n\r\n").query == {"a": "\udcff"}
    assert head.parameter("to") == ""
    with pytest.raises(Refused, match="from is missing"):
        head.parameter("from")


@pytest.mark.parametrize(
    "data",
    [
        b"\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET / HTTP/2.0\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\n\r\n",
        b"GET  / HTTP/1.1\r\n\r\n",
        b"G3T / HTTP/1.1\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\r\n\r\n",
        b"GET /?" + b"a=1&" * 9 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 200 + b"\r\n",
    ],
    ids=range(10),
)
def test_what_is_no_request_is_refused(data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        parse_head(data)
    assert refused.value.status == 400


def test_a_head_that_is_cut_or_spoilt_anywhere_is_refused_or_read() -> None:
    for position in range(len(HEAD)):
        for data in (HEAD[:position], HEAD[:position] + b"\xff" + HEAD[position + 1 :]):
            with suppress(Refused):
                parse_head(data)


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (["Content-Length: -1"], 400),
        (["Content-Length: 1, 2"], 400),
        (["Content-Length: ²"], 400),
        (["Content-Length: 1", "Content-Length: 1"], 400),
        (["Transfer-Encoding: chunked"], 411),
        (["Content-Length: 1", "Transfer-Encoding: identity"], 411),
    ],
)
def test_a_body_without_a_sure_size_is_refused(lines: list[str], status: int) -> None:
    with pytest.raises(Refused) as refused:
        _ = head(*lines).body_size
    assert refused.value.status == status


def test_a_body_has_the_announced_size() -> None:
    assert head("Content-Length: 16000000").body_size == 16_000_000
    assert head("Content-Length: " + "9" * 30).body_size > 16_000_000


def test_every_response_forbids_scripts_frames_and_guesses() -> None:
    for response in (Response(), Response(401), json_response({}), Response(304)):
        text = response.head().decode()
        assert (
            "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'; sandbox" in text
        )
        assert "X-Content-Type-Options: nosniff" in text
        assert "Cache-Control: no-store" in text
    assert b"Content-Length" not in Response(304).head()


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: b", "a\nb", "\x00", "é", "\udcff"])
def test_a_header_cannot_bring_another(value: str) -> None:
    with pytest.raises(ValueError, match="header"):
        Response(headers={"Content-Disposition": value}).head()


def test_json_has_no_character_beyond_ascii() -> None:
    assert json_response({"name": "é\udcff\u2028"}).content == b'{"name": "\\u00e9\\udcff\\u2028"}'
