"""Take pictures of a desk's pages with a headless Chromium, and keep them small."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from dev.pictures.picture_list import LOCALES, SCALES, SIZES, Picture
from hems.errors import Unavailable
from hems.settings.home_assistant import HomeAssistantSettings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PROGRAM = "chromium"
TIMEOUT_MS, SETTLED_MS = 90_000, 4_000
MOST_HEIGHT = 6_000  # CSS pixels
COLOURS = 96
ZONE = HomeAssistantSettings().time_zone  # of the family, as of its home
# With this Home Assistant's page of energy begins with yesterday.
YESTERDAY = "localStorage.setItem('energy-default-period-_energy_dashboard', 'yesterday')"


@dataclass(frozen=True)
class PicturedDesk:
    """Where the pages are, and the owner's login."""

    home_assistant: str
    live_page: str
    user: str
    password: str = field(repr=False)


def take(desk: PicturedDesk, wanted: Iterable[Picture], directory: Path) -> list[Path]:
    """Take the pictures and return their files. Raises Unavailable without a Chromium."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - of an extra

    executable = shutil.which(PROGRAM)
    if executable is None:
        raise Unavailable(f"{PROGRAM} is not installed: apt install {PROGRAM}")
    directory.mkdir(parents=True, exist_ok=True)
    taken = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        login = _logged_in(chromium, desk)
        for one in wanted:
            path = directory / one.file_name
            path.write_bytes(quantised(_picture(chromium, desk, one, login)))
            taken.append(path)
        chromium.close()
    return taken


def quantised(png: bytes) -> bytes:
    """Return a picture with few colours, which is a third as big and looks the same."""
    from PIL import Image  # noqa: PLC0415 - of an extra

    with Image.open(io.BytesIO(png)) as image:
        few = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    output = io.BytesIO()
    few.save(output, "PNG", optimize=True)
    return output.getvalue()


def _logged_in(chromium: Browser, desk: PicturedDesk) -> str:
    """Log in as a person does and return what the browser keeps of it, as JSON."""
    context = chromium.new_context(locale=next(iter(LOCALES.values())), timezone_id=ZONE)
    page = context.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    page.goto(desk.home_assistant)
    page.fill("input[name=username]", desk.user)
    page.fill("input[name=password]", desk.password)
    page.keyboard.press("Enter")
    page.wait_for_selector("home-assistant-main")
    page.wait_for_timeout(SETTLED_MS)
    state = json.dumps(context.storage_state())
    context.close()
    return state


def _picture(chromium: Browser, desk: PicturedDesk, one: Picture, login: str) -> bytes:
    width, height = SIZES[one.size]
    context = chromium.new_context(
        storage_state=json.loads(login),
        locale=LOCALES[one.language],
        timezone_id=ZONE,
        color_scheme="dark" if one.scheme == "dark" else "light",
        viewport={"width": width, "height": height},
        device_scale_factor=SCALES[one.size],
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    try:
        _show(page, desk, one)
        return page.screenshot(full_page=True, animations="disabled")
    finally:
        context.close()


def _show(page: Page, desk: PicturedDesk, one: Picture) -> None:
    base = desk.live_page if one.view.is_live_page else desk.home_assistant
    if one.view.shows_yesterday:
        page.add_init_script(YESTERDAY)
    page.goto(base.rstrip("/") + one.view.path)
    page.wait_for_selector(one.view.drawn)
    page.wait_for_timeout(SETTLED_MS)
    # The whole page becomes visible: what is drawn only then, and what floats above its end.
    width, _ = SIZES[one.size]
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": min(MOST_HEIGHT, height)})
    page.wait_for_timeout(SETTLED_MS)
