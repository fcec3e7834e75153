"""The login that provision has kept, as the joining thread and the operator's commands use it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hems.clients.home_assistant.auth_api import HomeAssistant
from hems.errors import Unavailable
from hems.system.files import Access
from hems.workers.provision.home_assistant.login import kept_login
from hems.workers.provision.home_assistant.setup_record import (
    HomeAssistantSetupRecord,
    SetupRecordFile,
)
from tests.fakes.home_assistant import FakeHomeAssistant
from tests.fakes.home_assistant_websocket import in_place


def test_the_token_is_the_one_that_is_kept_now(tmp_path: Path) -> None:
    peer = FakeHomeAssistant()
    peer.is_set_up_by("admin", "secret password")
    path = tmp_path / "homeassistant.json"
    session = kept_login(HomeAssistant(("127.0.0.1", 8123), 5.0), path)
    with in_place(peer):
        with pytest.raises(Unavailable, match="has not set up"):
            session()
        record = SetupRecordFile(path, HomeAssistantSetupRecord(), Access(0o600, None))
        for _ in range(2):
            record.update(refresh_token=peer.refresh_token())
            with session() as opened:
                assert opened.states() == ()
    assert peer.requests("/auth/token") == ["POST /auth/token: 200"] * 2
