"""ZHA asks before it changes a stick's network: on modules like its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import changed_modules
import kept_zigbee_networks
import pytest
from kept_zigbee_networks import BLANK
from pytest_mock import MockerFixture

HOME = "the network of the home"


class NetworkNotFormed(Exception):
    """As zigpy's."""


class NetworkSettingsInconsistent(Exception):
    """As zigpy's."""

    def __init__(self, message: str, new_state: str, old_state: str) -> None:
        super().__init__(message)
        self.states = old_state, new_state


class ConfigEntryError(Exception):
    """As Home Assistant's."""


class Application:
    """zigpy's application: a stick with a `network` or none, and the newest `backup`."""

    def __init__(self, network: str = "", backup: str | None = None) -> None:
        self.network = network
        self.backups = SimpleNamespace(
            most_recent_backup=lambda: backup, from_network_state=lambda: self.network
        )
        self._backup = backup

    async def initialize(self, *, auto_form: bool = False) -> None:
        if not self.network:
            if not auto_form:
                raise NetworkNotFormed
            self.network = self._backup or "a new network"


@pytest.fixture
def application() -> Callable[..., Any]:
    """Return the changed application."""

    class Changed(Application):
        """Of this test alone."""

    errors = SimpleNamespace(
        NetworkNotFormed=NetworkNotFormed, NetworkSettingsInconsistent=NetworkSettingsInconsistent
    )
    zigpy = SimpleNamespace(exceptions=errors)
    kept_zigbee_networks.keep_blank(SimpleNamespace(ControllerApplication=Changed, zigpy=zigpy))
    return Changed


def test_zha_believes_that_the_onboarding_is_complete() -> None:
    onboarding = SimpleNamespace(async_is_onboarded=lambda _hass: False)
    module: Any = SimpleNamespace(onboarding=onboarding)
    kept_zigbee_networks.ask_at_any_time(module)
    assert module.onboarding.async_is_onboarded(object())
    assert not onboarding.async_is_onboarded(object())  # everybody else knows better


def test_a_blank_stick_in_the_place_of_the_homes_stays_blank(
    application: Callable[..., Any],
) -> None:
    app = application(backup=HOME)
    for _ in range(2):
        with pytest.raises(NetworkSettingsInconsistent, match=BLANK) as error:
            asyncio.run(app.initialize(auto_form=True))
        assert error.value.states == (HOME, "")
        assert app.network == ""
    with pytest.raises(NetworkNotFormed):
        asyncio.run(app.initialize())


def test_any_other_stick_starts_as_before(application: Callable[..., Any]) -> None:
    for app in (application(HOME, HOME), application(HOME), application("another", HOME)):
        network = app.network
        asyncio.run(app.initialize(auto_form=True))
        assert app.network == network
    first = application()
    with pytest.raises(NetworkNotFormed):
        asyncio.run(first.initialize())
    asyncio.run(first.initialize(auto_form=True))
    assert first.network == "a new network"


@pytest.mark.parametrize("is_complete", [True, False])
def test_the_reason_of_the_entry_names_a_blank_stick(is_complete: bool) -> None:
    warned: list[dict[str, Any]] = []

    async def warn(_hass: object, **more: Any) -> None:
        warned.append(more)

    module: Any = SimpleNamespace(
        warn_on_inconsistent_network_settings=warn, ConfigEntryError=ConfigEntryError
    )
    kept_zigbee_networks.name_blank(module)
    state = SimpleNamespace(is_complete=lambda: is_complete)
    more = {"config_entry": 1, "old_state": 2, "new_state": state}
    warning = module.warn_on_inconsistent_network_settings(object(), **more)
    if is_complete:
        asyncio.run(warning)
    else:
        with pytest.raises(ConfigEntryError, match=BLANK):
            asyncio.run(warning)
    assert warned == [more]


def test_the_modules_of_zha_are_changed(mocker: MockerFixture) -> None:
    when_imported = mocker.patch.object(changed_modules, "when_imported")
    kept_zigbee_networks.install()
    assert [call.args[0] for call in when_imported.call_args_list] == [
        "homeassistant.components.zha.config_flow",
        "zigpy.application",
        "homeassistant.components.zha",
    ]
