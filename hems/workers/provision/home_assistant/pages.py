"""Set up the pages Home and Gateway, until a person changes or removes them.

The rules are those of the energy dashboard (dashboard_ownership.py). A page is made once the
devices are the same as in the last round, because they appear one after another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from loguru import logger

from hems.clients.home_assistant.admin_session import AdminSession
from hems.clients.home_assistant.responses import ListedUser
from hems.protocols.gateway.gateway_entities import GATEWAY
from hems.protocols.gateway.home_entities import HOME
from hems.protocols.home_assistant import gateway_page, home_page
from hems.protocols.home_assistant.entity_registry import METER, RegistryEntry, nodes
from hems.protocols.home_assistant.entity_state import EntityState
from hems.protocols.home_assistant.page_audiences import Audience, audiences, views
from hems.protocols.home_assistant.page_cards import Card
from hems.protocols.home_assistant.page_content import PageContent
from hems.protocols.translations import translated
from hems.workers.provision.home_assistant import user_language_reader
from hems.workers.provision.home_assistant.dashboard_ownership import (
    Presence,
    content_digest,
    is_ours,
)
from hems.workers.provision.home_assistant.energy_dashboard_setup import EnergyDashboard
from hems.workers.provision.home_assistant.meters_and_role_labels import MeterRegister
from hems.workers.provision.home_assistant.reader_account import USER_NAME
from hems.workers.provision.home_assistant.setup_record import SetupRecordFile

DEFAULT = "default_panel"
LINK_QUALITY = "lqi"
LIMITS = ("subscribed_power", "pref")
IN_VA = {"VA": 1.0, "kVA": 1000.0, "W": 1.0, "kW": 1000.0}


@dataclass(frozen=True)
class Page:
    """One page: where it is, who sees it, and the fields of the record that are its own."""

    path: str
    title: str
    icon: str
    is_for_administrators: bool
    view: Callable[[PageContent, Audience], Card]
    digests: Literal["dashboard", "gateway_page"]
    made: Literal["has_dashboard", "has_gateway_page"]


PAGES = (
    Page(
        home_page.PATH,
        home_page.TITLE,
        home_page.ICON,
        is_for_administrators=False,
        view=home_page.view,
        digests="dashboard",
        made="has_dashboard",
    ),
    Page(
        gateway_page.PATH,
        gateway_page.TITLE,
        gateway_page.ICON,
        is_for_administrators=True,
        view=gateway_page.view,
        digests="gateway_page",
        made="has_gateway_page",
    ),
)


class PageSources:
    """The part of the set-up that gathers what the pages are made of.

    `language` is the home's; `folder` is Home Assistant's configuration, None if provision cannot
    see it.
    """

    def __init__(
        self,
        register: MeterRegister,
        energy: EnergyDashboard,
        language: str,
        folder: Path | None,
        *,
        has_linky: bool,
    ) -> None:
        self._register = register
        self._energy = energy
        self.language = language
        self._folder = folder
        self._has_linky = has_linky
        self._before: PageContent | None = None
        self._subscribed_va: float | None = None
        self.content: PageContent | None = None  # None while it still changes
        self.audiences: tuple[Audience, ...] = ()

    def set_up(self, session: AdminSession, _now: float) -> None:
        """Look at the devices and the users. Raises HemsError."""
        content = self._gathered(session)
        is_known = content.gateways and (content.linkys or content.meters or not self._has_linky)
        is_settled = content == self._before
        self._before = content
        self.content = content if is_known and is_settled else None
        if self.content:
            people = [user.id for user in session.users() if _is_person(user)]
            chosen = user_language_reader.languages(self._folder, people)
            self.audiences = audiences(chosen, self.language)

    def _gathered(self, session: AdminSession) -> PageContent:
        registry, home = session.entities(), self._register.home
        of_linkys = {
            linky.name: home.roles[meter.id]
            for meter in home.meters
            if (linky := home.linky(meter)) is not None
        }
        content = PageContent(
            nodes(registry, METER),
            nodes(registry, HOME),
            nodes(registry, GATEWAY),
            tuple(home.others),
            {**home.roles, **of_linkys},
            energy_sources=self._energy.sources,
            signals=_signals(registry),
            home_assistant=str(session.home().get("version", "")),
        )
        return replace(content, subscribed_va=self._subscribed(content, session))

    def _subscribed(self, content: PageContent, session: AdminSession) -> float | None:
        """Return the power of the contract, the last known one while it has no value."""
        entity = content.entity(*LIMITS)
        if entity is None:
            self._subscribed_va = None
        elif (power := _power_va(entity, session.states())) is not None:
            self._subscribed_va = power
        return self._subscribed_va


def _is_person(user: ListedUser) -> bool:
    """Return whether somebody looks at the pages as this user."""
    return user.is_active and not user.system_generated and user.username != USER_NAME


def _power_va(entity: str, states: Iterable[EntityState]) -> float | None:
    for state in states:
        if state.entity_id == entity and state.has_value and state.number:
            return state.number * IN_VA.get(state.attributes.unit_of_measurement or "", 1.0)
    return None


def _signals(registry: Iterable[RegistryEntry]) -> dict[str, str]:
    """Return the entity with the quality of its radio link, by the device's id."""
    return {
        entry.device_id: entry.entity_id
        for entry in registry
        if entry.device_id and entry.translation_key == LINK_QUALITY and not entry.disabled_by
    }


class PageDashboard:
    """The part of the set-up that makes one page, in every language that somebody reads."""

    def __init__(self, page: Page, record: SetupRecordFile, sources: PageSources) -> None:
        self._page = page
        self._record = record
        self._sources = sources
        self._presence = Presence()

    def set_up(self, session: AdminSession, now: float) -> None:
        """Make the page, or let it follow what has changed. Raises HemsError."""
        page, path = self._page, self._page.path
        is_listed = path in session.dashboards()
        content = session.content(path) if is_listed else None
        was_made = getattr(self._record.record, page.made)
        if self._presence.is_on_disk(content, now) and not was_made:
            self._record.update(**{page.made: True})
        was_made = getattr(self._record.record, page.made)
        if not is_ours(content, getattr(self._record.record, page.digests), was_made=was_made):
            return
        wanted = self._wanted()
        if wanted and wanted != content:
            digests = (content_digest(content), content_digest(wanted))
            self._record.update(**{page.digests: digests})
            if not is_listed:
                title = translated(page.title, self._sources.language)
                session.create_dashboard(
                    path, title, page.icon, is_for_administrators=page.is_for_administrators
                )
            session.save_dashboard(path, wanted)
            logger.info("set up Home Assistant's page {}", page.path)

    def _wanted(self) -> dict[str, object] | None:
        content = self._sources.content
        if content is None:
            return None
        pages = ((who, self._page.view(content, who)) for who in self._sources.audiences)
        return {"views": views(pages)}


class FirstPage:
    """The part of the set-up that makes Home everybody's first page, once, if none was chosen."""

    def __init__(self, record: SetupRecordFile) -> None:
        self._record = record

    def set_up(self, session: AdminSession, _now: float) -> None:
        """Choose it once it was saved, unless it is a person's by now. Raises HemsError."""
        record = self._record.record
        if record.has_default_page:
            return
        is_listed = home_page.PATH in session.dashboards()
        content = session.content(home_page.PATH) if is_listed else None
        if content is None and not record.has_dashboard:
            return  # it will be made
        if content is not None and is_ours(content, record.dashboard, was_made=True):
            self._choose(session)
        self._record.update(has_default_page=True)

    @staticmethod
    def _choose(session: AdminSession) -> None:
        settings = session.shared_settings()
        if DEFAULT not in settings:
            session.share_settings({**settings, DEFAULT: home_page.PATH})
            logger.info("Home is the first page of everybody who has not chosen another")
