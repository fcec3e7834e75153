"""A family member at the editor's page in Chromium, behind nginx."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.deploy import browser
from tests.deploy.browser import Visit
from tests.deploy.lan import PROXY
from tests.deploy.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

ADDRESS = f"https://{PROXY}/configurator/"
VISIT_S = 100
TEXT = ".cm-content"


def visit(gateway: Site, act: Callable[[Page], None], address: str = ADDRESS) -> Visit:
    """Open `address`, do `act` on the page, and return what happened on it."""
    browser.ready()
    certificate = gateway.gateway / "tls" / "server.crt"

    def inside() -> Visit:
        with browser.opened(certificate) as (page, seen):
            page.goto(address)
            act(page)
            return seen

    visited: Visit = gateway.lan.house.call(inside, VISIT_S)
    return visited


def open_file(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    titled(page, name)


def titled(page: Page, title: str) -> None:
    """Wait for a title. The page's policy forbids wait_for_function, which evaluates texts."""
    from playwright.sync_api import expect  # noqa: PLC0415 - others only collect this

    expect(page).to_have_title(title)


def type_over(page: Page, text: str) -> None:
    """Replace the text of the open file, with the keyboard."""
    page.locator(TEXT).click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.type(text)


def shows(page: Page, selector: str, words: str) -> None:
    """Wait until an element contains `words`."""
    from playwright.sync_api import expect  # noqa: PLC0415 - others only collect this

    expect(page.locator(selector)).to_contain_text(words)


def said(page: Page, words: str) -> None:
    """Wait until the page says `words`."""
    shows(page, "#message", words)
