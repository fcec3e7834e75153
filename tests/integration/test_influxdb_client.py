"""The client of InfluxDB over real HTTP: what it asks, and what it makes of each refusal."""

from __future__ import annotations

import time

import pytest

from dev.launcher.free_port import free_port
from hems.clients.influxdb.api import Influxdb, NewInfluxdb
from hems.clients.influxdb.responses import InfluxdbRefused, MissingBucket
from hems.errors import HemsError, ProtocolError, Rejected, Unavailable
from tests.fakes.influxdb import FakeInfluxdb
from tests.fakes.influxdb_state import Token
from tests.integration.influxdb import TOKEN, influxdb
from tests.integration.scripted import Scripted

pytestmark = pytest.mark.integration

PASSWORD = "a long password"
WANTED = NewInfluxdb("owner", PASSWORD, "hems", "home_assistant", 0)
SOME = frozenset({"home_assistant"})


@pytest.fixture
def fake() -> FakeInfluxdb:
    fake = FakeInfluxdb()
    fake.set_up(TOKEN)
    return fake


def test_a_new_one_is_set_up_so_that_our_token_may_write() -> None:
    fake = FakeInfluxdb()
    with influxdb(fake) as client:
        assert not client.is_set_up()
        client.set_up(WANTED)
        assert client.is_set_up()
        client.require_writable("hems", "home_assistant")
    assert fake.users == {"owner": PASSWORD}
    assert not any(fake.lines.values())


def test_it_is_set_up_once(fake: FakeInfluxdb) -> None:
    with (
        influxdb(fake) as client,
        pytest.raises(InfluxdbRefused, match="422: onboarding has already"),
    ):
        client.set_up(WANTED)


@pytest.mark.parametrize(
    ("token", "words"),
    [
        (None, "does not know the current token: create one on the page /influx/"),
        (Token(reads=SOME), "INFLUX_TOKEN may not write into the bucket home_assistant"),
        (Token(may_all=True, is_active=False), "token is inactive"),
    ],
    ids=["unknown", "read-only", "inactive"],
)
def test_why_a_token_may_not_write(fake: FakeInfluxdb, token: Token | None, words: str) -> None:
    fake.tokens = {TOKEN: token} if token else {}
    with influxdb(fake) as client, pytest.raises(Rejected, match=words) as raised:
        client.require_writable("hems", "home_assistant")
    assert not isinstance(raised.value, MissingBucket)
    assert TOKEN not in str(raised.value)


def test_a_missing_bucket_is_told_from_a_missing_organisation(fake: FakeInfluxdb) -> None:
    with influxdb(fake) as client:
        with pytest.raises(MissingBucket, match="no bucket elsewhere"):
            client.require_writable("hems", "elsewhere")
        with pytest.raises(Rejected, match="rename yours to nobody"):
            client.require_writable("nobody", "home_assistant")


def test_a_token_that_only_writes_needs_no_more(fake: FakeInfluxdb) -> None:
    fake.tokens = {TOKEN: Token(writes=SOME)}
    with influxdb(fake) as client:
        client.require_writable("hems", "home_assistant")
        assert client.bucket("hems", "home_assistant") is None
        assert client.organisation_id("hems") is None


@pytest.mark.parametrize("days", [0, 1, 2, 30, 180, 3650])
def test_any_retention_can_follow_any_other(fake: FakeInfluxdb, days: int) -> None:
    with influxdb(fake) as client:
        for before in (0, 1, 400):
            fake.add_bucket("home_assistant", before * 86400, 3600)
            bucket = client.bucket("hems", "home_assistant")
            assert bucket is not None
            client.set_retention(bucket, days * 86400)
            assert fake.retention_s("home_assistant") == days * 86400


def test_no_bucket_is_none(fake: FakeInfluxdb) -> None:
    with influxdb(fake) as client:
        assert client.bucket("hems", "elsewhere") is None


HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("server", "kind", "words"),
    [
        (Scripted(b"SSH-2.0-OpenSSH\r\n"), ProtocolError, "expected an HTTP status line"),
        (Scripted(HEAD + b"\r\n<html>"), ProtocolError, "InfluxDB: found bytes that are not JSON"),
        (Scripted(b"HTTP/1.1 503 x\r\n\r\nstarting"), Unavailable, "503: starting"),
        (Scripted(b"HTTP/1.1 429 x\r\n\r\n"), Unavailable, "429: no reason given"),
        (Scripted(is_silent=True), Unavailable, "no answer within 0.5 s"),
        (Scripted(HEAD, *[b" "] * 9, pause_s=0.2), Unavailable, "no answer within 0.5 s"),
    ],
    ids=["ssh", "a page", "starting", "too many", "silent", "drips"],
)
def test_a_peer_that_is_not_well(server: Scripted, kind: type[HemsError], words: str) -> None:
    with server:
        client = Influxdb(("127.0.0.1", server.port), TOKEN, 0.5)
        started = time.monotonic()
        with pytest.raises(kind, match=words):
            client.is_set_up()
        assert time.monotonic() - started < 4


def test_nobody_there() -> None:
    client = Influxdb(("127.0.0.1", free_port(None)), TOKEN, 0.5)
    with pytest.raises(Unavailable, match="GET /api/v2/setup: Connection refused"):
        client.is_set_up()
