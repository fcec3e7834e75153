"""The login that provision has kept, as the joining thread and the operator's commands use it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from hems.clients.home_assistant.auth_api import HomeAssistant, LoginRefused
from hems.errors import Rejected, Unavailable
from hems.system.files import Access
from hems.workers.provision.home_assistant.login import kept_login
from hems.workers.provision.home_assistant.setup_record import (
    HomeAssistantSetupRecord,
    SetupRecordFile,
)


def test_a_revoked_token_is_sent_once_until_there_is_another(
    tmp_path: Path, mocker: MockerFixture
) -> None:
    client = HomeAssistant(("192.0.2.2", 8123), 1.0)
    renewed = mocker.patch.object(client, "renewed", side_effect=LoginRefused("400"))
    path = tmp_path / "homeassistant.json"
    session = kept_login(client, path)
    with pytest.raises(Unavailable):
        session()
    for token in ("first", "second"):
        record = SetupRecordFile(path, HomeAssistantSetupRecord(), Access(0o600, None))
        record.update(refresh_token=token)
        for _ in range(12):
            with pytest.raises(Rejected, match="refuses the token"):
                session()
    assert [one.args[0] for one in renewed.call_args_list] == ["first", "second"]
