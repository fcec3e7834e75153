"""Logins that wait in Home Assistant: few, and a stranger ends his own."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import changed_modules
import limited_logins
import pytest
from limited_logins import MOST, change

PHONE, STRANGER = "192.168.1.20", "192.168.1.66"


class Manager:
    """As Home Assistant's: keeps a login until somebody finishes or aborts it."""

    def __init__(self) -> None:
        self.waiting: dict[str, dict[str, Any]] = {}
        self.begun = 0

    async def async_create_flow(self, handler: str, *, context: Any, data: Any = None) -> str:
        return f"{handler} {self.begun} {data}"

    async def async_init(self, handler: str, address: str) -> str:
        context = {"ip_address": address}
        flow_id = await self.async_create_flow(handler, context=context, data=None)
        self.waiting[flow_id] = {"flow_id": flow_id, "context": context}
        self.begun += 1
        return flow_id

    def async_progress(self, include_uninitialized: bool = False) -> list[dict[str, Any]]:
        return list(self.waiting.values()) if include_uninitialized else []

    def async_abort(self, flow_id: str) -> None:
        del self.waiting[flow_id]


@pytest.fixture
def manager() -> Any:
    changed = type("Changed", (Manager,), {})
    change(SimpleNamespace(AuthManagerFlowManager=changed))
    return changed()


def begin(manager: Manager, address: str) -> str:
    return asyncio.run(manager.async_init("homeassistant", address))


def test_a_stranger_ends_his_own_logins_and_not_a_familys(manager: Manager) -> None:
    family = [begin(manager, PHONE) for _ in range(3)]
    strangers = [begin(manager, STRANGER) for _ in range(3 * MOST)]
    assert list(manager.waiting) == [*family, *strangers[3 - MOST :]]
    late = begin(manager, PHONE)
    assert len(manager.waiting) == MOST
    assert {late, *family} <= set(manager.waiting)


def test_of_many_strangers_the_oldest_login_ends(manager: Manager) -> None:
    logins = [begin(manager, f"192.168.2.{number}") for number in range(2 * MOST)]
    assert list(manager.waiting) == logins[MOST:]


def test_so_many_logins_wait_as_long_as_they_like(manager: Manager) -> None:
    logins = [begin(manager, PHONE) for _ in range(MOST)]
    assert list(manager.waiting) == logins
    manager.async_abort(logins[5])
    begin(manager, STRANGER)
    assert set(logins) - set(manager.waiting) == {logins[5]}


def test_the_module_is_changed_when_it_is_imported(mocker: Any) -> None:
    when_imported = mocker.patch.object(changed_modules, "when_imported")
    limited_logins.install()
    when_imported.assert_called_once_with("homeassistant.auth", change)
