"""Remove the entities of our devices that no discovery message has any more.

A worker removes an entity over MQTT, but Home Assistant acts on that only while the entity is
loaded. If Home Assistant was down at that moment, or hems was updated, it restores the entity from
its registry at each start, and shows it as unavailable for ever.
"""

from __future__ import annotations

from loguru import logger

from hems.clients.home_assistant.admin_session import AdminSession
from hems.protocols.gateway.gateway_entities import GATEWAY
from hems.protocols.home_assistant.entity_registry import METER, nodes

LOADED_S = 300.0  # after which Home Assistant has read every discovery message


class OrphanedEntities:
    """The part of the set-up that removes orphans of devices that are otherwise there."""

    def __init__(self) -> None:
        self._orphans_since: dict[str, float] = {}  # monotonic seconds by entity id

    @property
    def has_candidates(self) -> bool:
        """Return whether an entity may be an orphan: only looks in short intervals tell."""
        return bool(self._orphans_since)

    def set_up(self, session: AdminSession, now: float) -> None:
        """Remove what has been an orphan for LOADED_S at monotonic `now` (s)."""
        devices = nodes(session.entities(), f"{METER}|{GATEWAY}")
        restored = session.restored_entities() if devices else frozenset()
        orphans: set[str] = set()
        for device in devices:
            of_device = {*device.entities.values()}
            if not of_device <= restored:  # otherwise the whole device is not loaded yet
                orphans |= of_device & restored
        since = {entity: self._orphans_since.get(entity, now) for entity in orphans}
        self._orphans_since = since
        for entity in sorted(orphans):
            if now - since[entity] >= LOADED_S:
                session.remove_entity(entity)
                logger.info("removed {} from Home Assistant: no device has it", entity)
