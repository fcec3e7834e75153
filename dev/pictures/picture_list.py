"""Which pictures there are: each view on two screens, light and dark, in two languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

PHONE, DESKTOP = "phone", "desktop"
SCHEMES = ("light", "dark")
LOCALES = {"en": "en-GB", "fr": "fr-FR"}
SIZES = {PHONE: (390, 844), DESKTOP: (1280, 900)}  # CSS pixels
SCALES = {PHONE: 1.5, DESKTOP: 1.0}


@dataclass(frozen=True)
class View:
    """A page: of Home Assistant, or the desk's own; `drawn` matches what is there once it is."""

    name: str
    path: str
    drawn: str
    is_live_page: bool = False
    has_languages: bool = True
    shows_yesterday: bool = False


VIEWS = (
    View("home", "/smartcore", "hui-view hui-card"),
    View("gateway", "/smartcore-gateway", "hui-view hui-card"),
    View("energy", "/energy", "hui-energy-usage-graph-card canvas", shows_yesterday=True),
    View("live", "/", "#day polygon", is_live_page=True, has_languages=False),
)


@dataclass(frozen=True)
class Picture:
    view: View
    size: str
    scheme: str
    language: str

    @property
    def file_name(self) -> str:
        parts = [self.view.name, self.size, self.scheme]
        return "-".join(parts + [self.language] * self.view.has_languages) + ".png"


def pictures(language: str) -> Iterator[Picture]:
    """Yield every picture in a language; the first one of all has those without a language, too."""
    for size, scheme in product(SIZES, SCHEMES):
        for view in VIEWS:
            if view.has_languages or language == next(iter(LOCALES)):
                yield Picture(view, size, scheme, language)
