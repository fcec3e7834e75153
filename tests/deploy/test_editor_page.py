"""The editor's page in a real browser, behind the real nginx: what a family member does with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.deploy.configurator import Configurator
from tests.deploy.editor_page import ADDRESS, TEXT, open_file, said, shows, titled, type_over, visit
from tests.deploy.lan import HOME_ASSISTANT
from tests.deploy.peers import HttpRequest, Reply, peer
from tests.deploy.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.deploy
NAME = "configuration.yaml"


def test_a_file_is_opened_coloured_edited_and_saved(gateway: Site, editor: Configurator) -> None:
    path = editor.config / NAME
    path.write_bytes(b"# comment\r\nname: !secret key\r\n")

    def act(page: Page) -> None:
        open_file(page, NAME)
        assert page.locator(".tok-comment").count() == 1
        assert page.evaluate("getComputedStyle(document.querySelector('.cm-line')).padding") != ""
        assert (
            page.locator(".cm-gutters").evaluate("one => getComputedStyle(one).display") != "block"
        )
        page.locator(".cm-content").click()
        page.keyboard.press("Control+End")
        page.keyboard.insert_text("new: ü\n")
        titled(page, f"* {NAME}")
        page.keyboard.press("Control+s")
        said(page, f"Saved {NAME}.")
        assert page.title() == NAME

    seen = visit(gateway, act)
    assert (seen.console, seen.failures) == ([], [])
    assert all(url.startswith(ADDRESS) for url in seen.requests)
    assert path.read_bytes() == "# comment\r\nname: !secret key\r\nnew: ü\r\n".encode()


def test_a_text_that_changed_meanwhile_is_not_destroyed(
    gateway: Site, editor: Configurator
) -> None:
    path = editor.config / NAME

    def act(page: Page) -> None:
        open_file(page, NAME)
        path.write_text("by: Home Assistant\n")
        type_over(page, "mine: 1\n")
        page.get_by_role("button", name="Save", exact=True).click()
        said(page, "Nothing was saved")
        assert path.read_text() == "by: Home Assistant\n"
        page.once("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="Discard my changes and reload").click()
        shows(page, TEXT, "by: Home")
        path.write_text("by: Home Assistant again\n")
        type_over(page, "mine: 2\n")
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_role("button", name="Save mine all the same").click()
        said(page, f"Saved {NAME}.")

    visit(gateway, act)
    assert path.read_text() == "mine: 2\n"


def test_files_are_made_renamed_uploaded_downloaded_and_deleted_by_keyboard(
    gateway: Site, editor: Configurator, tmp_path: Path
) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(bytes(range(256)))
    answers: list[str] = []

    def press(page: Page, name: str, answer: str = "") -> None:
        """Use a button without a mouse; `answer` goes to the question that follows."""
        answers.append(answer)
        page.get_by_role("button", name=name, exact=True).first.focus()
        page.keyboard.press("Enter")

    def act(page: Page) -> None:
        page.on("dialog", lambda dialog: dialog.accept(answers.pop()))
        press(page, "New folder", "packages")
        said(page, "Made packages.")
        press(page, "New file", "packages/a.yaml")
        titled(page, "packages/a.yaml")
        press(page, "packages")
        press(page, "Actions for a.yaml")
        press(page, "Rename", "packages/b.yaml")
        said(page, "Renamed packages/a.yaml to packages/b.yaml.")
        page.set_input_files("#upload", picture)
        said(page, "Uploaded picture.png.")
        press(page, "Actions for picture.png")
        with page.expect_download() as download:
            press(page, "Download")
        assert download.value.suggested_filename == "picture.png"
        assert Path(download.value.path()).read_bytes() == picture.read_bytes()
        press(page, "Delete")
        said(page, "Deleted picture.png.")

    seen = visit(gateway, act)
    assert seen.console == []
    assert [str(one.relative_to(editor.config)) for one in sorted(editor.config.rglob("*"))] == [
        NAME,
        "packages",
        "packages/b.yaml",
    ]


def test_mistakes_in_yaml_are_marked_but_home_assistants_tags_are_none(
    gateway: Site, editor: Configurator
) -> None:
    good = "a: !include b.yaml\nc: !secret d\ne: !include_dir_merge_named f\n"

    def act(page: Page) -> None:
        open_file(page, NAME)
        type_over(page, good + "g: [1\n")
        page.wait_for_selector(".cm-lint-marker-error")
        type_over(page, good)
        page.wait_for_selector(".cm-lint-marker-error", state="detached")

    assert visit(gateway, act).console == []


def test_hidden_files_are_shown_on_demand(gateway: Site, editor: Configurator) -> None:
    Path(editor.config, ".storage").mkdir()
    Path(editor.config, ".storage/auth.corrupt").write_text("{}")

    def act(page: Page) -> None:
        page.wait_for_selector(f"text={NAME}")
        assert page.get_by_text(".storage").count() == 0
        page.get_by_label("Show hidden files").check()
        page.get_by_role("button", name=".storage", exact=True).click()
        page.get_by_role("button", name="Actions for auth.corrupt").click()
        page.once("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="Delete").last.click()
        said(page, "Deleted .storage/auth.corrupt.")

    visit(gateway, act)
    assert not Path(editor.config, ".storage/auth.corrupt").exists()


def test_a_phone_has_room_for_the_text(gateway: Site, editor: Configurator) -> None:
    def act(page: Page) -> None:
        page.set_viewport_size({"width": 360, "height": 640})
        open_file(page, NAME)
        assert not page.locator("#files").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        shows(page, TEXT, "default_config:")
        page.get_by_role("button", name="Files").click()
        assert page.locator("#files").is_visible()

    visit(gateway, act)


class HomeAssistant:
    """Answers as Home Assistant does to a login and a check; `password` is its own."""

    def __init__(self, password: str) -> None:
        self.password = password
        self.verdict = b'{"result": "invalid", "errors": "<b>mistake</b>", "warnings": null}'

    def __call__(self, request: HttpRequest) -> Reply:
        flow = b'{"type": "form", "flow_id": "f1"}'
        if request.path == "/auth/login_flow/f1" and self.password.encode() in request.body:
            flow = b'{"type": "create_entry", "flow_id": "f1", "result": "code"}'
        return {
            "/auth/token": Reply(b'{"access_token": "a", "refresh_token": "r"}'),
            "/auth/revoke": Reply(b""),
            "/api/config/core/check_config": Reply(self.verdict),
        }.get(request.path, Reply(flow))


def test_home_assistant_checks_the_configuration(gateway: Site, editor: Configurator) -> None:
    def act(page: Page) -> None:
        page.get_by_role("button", name="Check configuration").click()
        said(page, "Home Assistant finds mistakes in the saved configuration:\n<b>mistake</b>")

    with peer(gateway.lan, HOME_ASSISTANT, 8123, HomeAssistant("nsafe")) as home_assistant:
        visit(gateway, act)
    requests = [(one.method, one.path) for one in home_assistant.requests]
    assert ("POST", "/api/config/core/check_config") in requests
    assert requests[-1] == ("POST", "/auth/revoke")  # no session stays


def test_a_refused_login_is_not_sent_to_home_assistant_again(
    gateway: Site, editor: Configurator
) -> None:
    def act(page: Page) -> None:
        for _ in range(2):
            page.get_by_role("button", name="Check configuration").click()
            said(page, "Home Assistant refuses CONFIG_USER and CONFIG_PASSWORD")

    with peer(gateway.lan, HOME_ASSISTANT, 8123, HomeAssistant("another")) as home_assistant:
        visit(gateway, act)
    assert [one.path for one in home_assistant.requests].count("/auth/login_flow/f1") == 1
