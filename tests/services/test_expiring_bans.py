"""Home Assistant's bans end, and never meet the gateway: on a module like its own."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import expiring_bans
import pytest
import refused_logins
import yaml
from expiring_bans import OWN_ADDRESSES, change

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
PHONE = "192.168.1.20"
SOURCE = "IpBanManager, ban_middleware = object, None\n"


@dataclass
class Ban:
    banned_at: datetime


class Manager:
    """As Home Assistant's: adds a ban, then its line of the file."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        self.ip_bans_lookup: dict[str, Ban] = {}
        self.now = NOON

    async def async_add_ban(self, address: str) -> None:
        if address not in self.ip_bans_lookup:
            self.ip_bans_lookup[address] = Ban(self.now)
            self._add_ban(self.ip_bans_lookup[address])

    def _add_ban(self, ban: Ban) -> None:
        raise AssertionError("it appends for ever")


@dataclass
class Peer:
    """A Home Assistant with the changed module."""

    manager: Manager
    failures: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        async def ban_middleware(request: Any, handler: Any) -> str:
            banned = request.remote in request.app["manager"].ip_bans_lookup
            return "403" if banned else str(await handler(request))

        self.module: Any = SimpleNamespace(
            IpBanManager=type(self.manager),
            ban_middleware=ban_middleware,
            middleware=lambda function: function,
            process_wrong_login=self.process_wrong_login,
            ip_address=str,
            dt_util=SimpleNamespace(utcnow=lambda: self.manager.now),
            KEY_BAN_MANAGER="manager",
            KEY_FAILED_LOGIN_ATTEMPTS="failures",
        )
        change(self.module)

    async def process_wrong_login(self, request: Any) -> None:
        self.failures[request.remote] = self.failures.get(request.remote, 0) + 1

    def request(self, address: str) -> str:
        async def handler(_request: Any) -> str:
            return "200"

        app = {"manager": self.manager, "failures": self.failures}
        request = SimpleNamespace(remote=address, app=app)
        return str(asyncio.run(self.module.ban_middleware(request, handler)))

    def ban(self, address: str) -> None:
        self.failures[address] = 10
        asyncio.run(self.manager.async_add_ban(address))


@pytest.fixture(autouse=True)
def tell(mocker: Any) -> Any:
    """Return what hears of each refused address."""
    return mocker.patch.object(refused_logins, "tell")


@pytest.fixture
def peer(tmp_path: Path) -> Peer:
    return Peer(type("Fresh", (Manager,), {})(tmp_path / "ip_bans.yaml"))


def in_file(peer: Peer) -> set[str]:
    return addresses(Path(peer.manager.path).read_text())


@cache
def addresses(text: str) -> set[str]:
    return set(yaml.safe_load(text) or {})


def test_a_ban_ends_after_an_hour_and_the_address_begins_again_twice(peer: Peer) -> None:
    for _ in range(2):
        peer.ban(PHONE)
        begun = peer.manager.now
        assert peer.request(PHONE) == "403"
        assert in_file(peer) == {PHONE}
        peer.manager.now = begun + timedelta(seconds=3599)
        assert peer.request(PHONE) == "403"
        peer.manager.now = begun + timedelta(seconds=3600)
        assert peer.request(PHONE) == "200"
        assert peer.failures == {}


def test_hems_hears_of_each_refused_login_and_of_whoever_is_banned(peer: Peer, tell: Any) -> None:
    asyncio.run(peer.module.process_wrong_login(SimpleNamespace(remote=PHONE)))
    assert peer.failures == {PHONE: 1}
    peer.request(PHONE)
    assert tell.call_args_list == [((PHONE,),)]
    peer.ban(PHONE)
    peer.request(PHONE)
    peer.request("192.168.1.21")
    assert tell.call_args_list == [((PHONE,),)] * 2


def test_the_gateway_is_never_banned(peer: Peer) -> None:
    for address in sorted(OWN_ADDRESSES):
        peer.ban(address)
        assert peer.request(address) == "200"


def test_the_file_has_only_the_bans_in_force(peer: Peer) -> None:
    for number in range(50):
        peer.manager.now += timedelta(minutes=10)
        peer.request("192.168.1.1")
        peer.ban(f"192.168.1.{number}")
    assert in_file(peer) == {f"192.168.1.{number}" for number in range(44, 50)}


def test_many_bans_write_the_file_once_in_ten_minutes(peer: Peer) -> None:
    for number in range(200):
        peer.manager.now += timedelta(seconds=6)
        peer.ban(f"192.168.1.{number}")
        assert len(in_file(peer)) == 1 + number // 100 * 100
        assert peer.request(f"192.168.1.{number}") == "403"


def test_a_clock_that_goes_back_keeps_nobody_out(peer: Peer) -> None:
    peer.ban(PHONE)
    peer.manager.now = NOON - timedelta(days=300)
    assert peer.request(PHONE) == "200"


@pytest.fixture
def package(tmp_path: Path) -> Iterator[None]:
    """Yield while a package with the module's name can be imported."""
    folder = tmp_path
    for name in expiring_bans.MODULE.split(".")[:-1]:
        folder = folder / name
        folder.mkdir()
        (folder / "__init__.py").write_text("")
    (folder / "ban.py").write_text(SOURCE)
    sys.path.insert(0, str(tmp_path))
    before = {*sys.modules}
    yield
    sys.path.remove(str(tmp_path))
    for name in {*sys.modules} - before:
        del sys.modules[name]


@pytest.mark.usefixtures("package")
def test_the_module_is_changed_when_it_is_imported(mocker: Any) -> None:
    changed = mocker.patch.object(expiring_bans, "change")
    finders = [*sys.meta_path]
    expiring_bans.install()
    import_module("json")
    changed.assert_not_called()
    module = import_module(expiring_bans.MODULE)
    changed.assert_called_once_with(module)
    assert sys.meta_path == finders
