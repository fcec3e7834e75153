"""The first rooms and the owner's person, which Home Assistant makes when somebody else onboards.

The names of the rooms are Home Assistant's own, in the home's language.
"""

from __future__ import annotations

from hems.clients.home_assistant.admin_session import AdminSession

ROOMS = {"living_room": "mdi:sofa", "kitchen": "mdi:stove", "bedroom": "mdi:bed"}  # with icons


def make(session: AdminSession, language: str) -> None:
    """Make what is missing of them."""
    owner = session.user()
    if owner.id not in session.persons():
        session.create_person(owner.name, owner.id)
    texts, rooms = session.translations(language, "area", "onboarding"), session.rooms()
    for key, icon in ROOMS.items():
        name = texts.get(f"component.onboarding.area.{key}")
        if name and name not in rooms:
            session.create_room(name, icon)
