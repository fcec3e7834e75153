"""Home Assistant's frontend in a headless Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tests.deploy.browser import PROGRAM, Visit, listen, pin
from tests.deploy.client import PASSWORD, USER
from tests.deploy.lan import PROXY

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

TIMEOUT_MS = 60_000  # a busy machine takes long for Home Assistant's scripts
HEADER = 80  # pixels above a page
SETTLED_MS = 1_500  # graphs move into their place
# Of all elements, those in shadow roots too: labels that are cut off, and cards that failed.
FAULTS = """() => {
  const faults = [];
  const look = (root) => { for (const one of root.querySelectorAll('*')) {
    if (one.shadowRoot) look(one.shadowRoot);
    const text = (one.innerText || '').trim();
    if (['HUI-ERROR-CARD', 'HUI-WARNING', 'HUI-ERROR'].includes(one.tagName)) faults.push(text);
    const isCut = getComputedStyle(one).textOverflow === 'ellipsis' && one.clientWidth > 0
      && one.scrollWidth > one.clientWidth + 1;
    if (isCut && text) faults.push(`cut off: ${text}`);
  } };
  look(document);
  return faults;
}"""
HEIGHT = """() => {
  let height = 0;
  const look = (root) => { for (const one of root.querySelectorAll('*')) {
    if (one.shadowRoot) look(one.shadowRoot);
    if (one.tagName === 'HUI-SECTIONS-VIEW') height = Math.max(height, one.scrollHeight);
  } };
  look(document);
  return Math.ceil(height);
}"""
# From Home Assistant's own frame to the first card of the page, in ms; the page has it as a number.
PAINT = """() => {
  const begin = { frame: 0, card: 0 };
  const find = (root, name) => { for (const one of root.querySelectorAll('*')) {
    if (one.tagName === name && one.getBoundingClientRect().height > 0) return one;
    const inside = one.shadowRoot && find(one.shadowRoot, name);
    if (inside) return inside;
  } return null; };
  const look = () => {
    if (!begin.frame && find(document, 'HA-DRAWER')) begin.frame = performance.now();
    if (begin.frame && find(document, 'HA-GAUGE'))
      window.paintedMs = performance.now() - begin.frame;
    else requestAnimationFrame(look);
  };
  document.addEventListener('DOMContentLoaded', look);
}"""


PANELS = "Object.keys(document.querySelector('home-assistant').hass.panels)"


@dataclass(frozen=True)
class Screen:
    """What somebody looks at: a phone or a desk, light or dark."""

    width: int
    colours: Literal["light", "dark"]
    height: int = 844


PHONE, PHONE_AT_NIGHT = Screen(390, "light"), Screen(390, "dark")
DESK, DESK_AT_NIGHT = Screen(1280, "light", 1000), Screen(1280, "dark", 1000)


class Frontend:
    """A browser in which somebody is logged in."""

    def __init__(self, browser: Browser, state: object, screenshots: Path) -> None:
        self._browser = browser
        self._state = state
        self._screenshots = screenshots

    @contextmanager
    def page(self, screen: Screen, language: str) -> Iterator[Page]:
        """Yield an empty page for somebody whose browser speaks `language`."""
        context = self._browser.new_context(
            viewport={"width": screen.width, "height": screen.height},
            color_scheme=screen.colours,
            locale=language,
            storage_state=self._state,  # type: ignore[arg-type]
        )
        page = context.new_page()
        page.set_default_timeout(TIMEOUT_MS)
        try:
            yield page
        finally:
            context.close()

    def faults(self, path: str, screen: Screen, language: str, drawn: str) -> list[str]:
        """Go to a page and return what is wrong with it, once `drawn` is; leave a picture."""
        with self.page(screen, language) as page:
            page.goto(f"https://{PROXY}/{path}")
            page.wait_for_selector(drawn)
            page.wait_for_timeout(SETTLED_MS)
            height = max(page.evaluate(HEIGHT) + HEADER, screen.height)
            page.set_viewport_size({"width": screen.width, "height": height})
            page.wait_for_timeout(SETTLED_MS)
            name = f"{path.replace('/', '-')}-{screen.width}-{screen.colours}-{language}.png"
            page.screenshot(path=self._screenshots / name)
            faults: list[str] = page.evaluate(FAULTS)
            return faults

    def paint_ms(self, path: str, screen: Screen, language: str) -> float:
        """Return how long the first card takes after the frame, at a second visit."""
        with self.page(screen, language) as page:
            page.goto(f"https://{PROXY}/{path}")
            page.wait_for_selector("ha-gauge")
            page.add_init_script(f"({PAINT})()")
            page.goto(f"https://{PROXY}/{path}")
            page.wait_for_function("window.paintedMs !== undefined")
            return float(page.evaluate("window.paintedMs"))

    def first_page(self) -> tuple[str, list[str]]:
        """Return the path of the first page, and the paths of the side bar."""
        with self.page(DESK, "en-GB") as page:
            page.goto(f"https://{PROXY}/")
            page.wait_for_selector("hui-sections-view")
            panels = page.evaluate(PANELS)
            return page.evaluate("location.pathname"), panels


def visit(
    certificate: Path,
    screenshots: Path,
    look: Callable[[Frontend], None],
    login: tuple[str, str] = (USER, PASSWORD),
) -> None:
    """Log in and call `look`. What the console said is added to an error of the browser."""
    from playwright.sync_api import Error as PlaywrightError  # noqa: PLC0415 - as browser.py
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    arguments = ["--no-sandbox", f"--ignore-certificate-errors-spki-list={pin(certificate)}"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which(PROGRAM), args=arguments)
        context = chromium.new_context(locale="en-GB")
        page = context.new_page()
        page.set_default_timeout(TIMEOUT_MS)
        listen(page, seen := Visit(""))
        try:
            log_in(page, *login)
            look(Frontend(chromium, context.storage_state(), screenshots))
        except PlaywrightError as error:
            error.add_note(f"console: {seen.console}; failed: {seen.failures}")
            raise
        chromium.close()


def log_in(page: Page, user: str = USER, password: str = PASSWORD) -> None:
    page.goto(f"https://{PROXY}/")
    page.fill("input[name=username]", user)
    page.fill("input[name=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_selector("home-assistant-main")
