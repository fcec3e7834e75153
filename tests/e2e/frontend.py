"""Home Assistant's frontend in a headless Chromium."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from tests.deploy.browser import PROGRAM, Visit, listen, pin
from tests.deploy.client import PASSWORD, USER
from tests.deploy.lan import PROXY

if TYPE_CHECKING:
    from playwright.sync_api import Page

PAGES = {  # by path: what is drawn once the page shows something
    "energy": "hui-energy-usage-graph-card canvas",
    "smartcore": "hui-statistics-graph-card canvas",
}
TIMEOUT_MS = 60_000  # a busy machine takes long for Home Assistant's scripts
SETTLED_MS = 1_500  # graphs move into their place


def visit(certificate: Path, screenshots: Path, name: str) -> dict[str, str]:
    """Log in, go to each page, and leave a picture of it in `screenshots`.

    Return the first text with `name` that each page shows.
    """
    from playwright.sync_api import Error as PlaywrightError  # noqa: PLC0415 - as browser.py
    from playwright.sync_api import ViewportSize, sync_playwright  # noqa: PLC0415

    arguments = ["--no-sandbox", f"--ignore-certificate-errors-spki-list={pin(certificate)}"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which(PROGRAM), args=arguments)
        page = chromium.new_page(viewport=ViewportSize(width=1280, height=1000), locale="en-GB")
        page.set_default_timeout(TIMEOUT_MS)
        listen(page, seen := Visit(""))
        try:
            log_in(page)
            texts = {path: show(page, path, screenshots, name) for path in PAGES}
        except PlaywrightError as error:
            error.add_note(f"console: {seen.console}; failed: {seen.failures}")
            raise
        chromium.close()
    return texts


def show(page: Page, path: str, screenshots: Path, name: str) -> str:
    page.goto(f"https://{PROXY}/{path}")
    page.wait_for_selector(PAGES[path])
    page.wait_for_timeout(SETTLED_MS)
    page.screenshot(path=screenshots / f"{path}.png")
    return page.get_by_text(name).first.inner_text()


def log_in(page: Page) -> None:
    page.goto(f"https://{PROXY}/")
    page.fill("input[name=username]", USER)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("home-assistant-main")
