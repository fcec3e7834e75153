"""ZHA asks at any time: on a module like its own."""

from types import SimpleNamespace
from typing import Any

import changed_modules
import kept_zigbee_networks
from pytest_mock import MockerFixture


def test_zha_believes_that_the_onboarding_is_complete() -> None:
    onboarding = SimpleNamespace(async_is_onboarded=lambda _hass: False)
    module: Any = SimpleNamespace(onboarding=onboarding)
    kept_zigbee_networks.change(module)
    assert module.onboarding.async_is_onboarded(object())
    assert not onboarding.async_is_onboarded(object())  # everybody else knows better


def test_the_module_of_zha_is_changed(mocker: MockerFixture) -> None:
    when_imported = mocker.patch.object(changed_modules, "when_imported")
    kept_zigbee_networks.install()
    when_imported.assert_called_once_with(
        "homeassistant.components.zha.config_flow", kept_zigbee_networks.change
    )
