"""The file editor beside the real Home Assistant, behind nginx."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy import configurator
from tests.deploy.client import basic
from tests.deploy.configurator import Configurator
from tests.deploy.lan import HOME_ASSISTANT
from tests.e2e.gateway import Gateway

pytestmark = pytest.mark.e2e
OWN = {**basic(), "X-Editor": "1"}
API = "/configurator/api"


@pytest.fixture
def editor(home: Gateway, tmp_path: Path) -> Iterator[Configurator]:
    page = configurator.install(tmp_path)
    running = Configurator(page, tmp_path, port=3218)
    running.config = home.home_assistant.config
    running.secrets = home.site.gateway / "secrets"
    running.home_assistant = (HOME_ASSISTANT, 8123)
    home.site.lan.house.call(running.start)
    yield running
    running.stop()


def test_home_assistant_checks_what_was_saved(home: Gateway, editor: Configurator) -> None:
    client = home.site.client()
    path = f"{API}/file?path=configuration.yaml"
    before = (editor.config / "configuration.yaml").read_bytes()

    def save(content: bytes) -> None:
        header = {**OWN, "If-Match": "*"}
        assert client.ask(path, header, method="PUT", body=content).status == 200

    def check() -> bytes:
        return client.ask(f"{API}/check", OWN, method="POST").body

    assert check() == b'{"result": "valid", "message": ""}'
    try:
        save(before + b"\nscript: [\n")
        assert b'"result": "invalid"' in check()
    finally:
        save(before)
    assert check() == b'{"result": "valid", "message": ""}'
