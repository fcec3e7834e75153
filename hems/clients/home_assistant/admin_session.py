"""A session of an administrator of Home Assistant: flows over HTTP, the rest over the websocket.

POST   /api/onboarding/STEP                     marks a step as done
POST   /api/config/config_entries/flow[/FLOW]   starts a flow, or fills in its form
GET    /api/config/config_entries/flow/FLOW     returns its present step
DELETE /api/config/config_entries/flow/FLOW     cancels it
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from hems.clients.home_assistant.auth_api import CLIENT, REDIRECT, HomeAssistant
from hems.clients.home_assistant.responses import (
    ConfigEntry,
    CreatedUser,
    CurrentUser,
    FlowStep,
    LabelEntry,
    ListedArea,
    ListedDashboard,
    ListedPersons,
    ListedUser,
    Statistic,
    StatisticsRow,
    StoredSettings,
    Translations,
    WaitingFlow,
)
from hems.clients.home_assistant.websocket import CommandFailed, Websocket
from hems.clients.home_assistant.zha_commands import ZhaCommands
from hems.protocols.home_assistant.device_registry import DeviceEntry
from hems.protocols.home_assistant.entity_registry import RegistryEntry
from hems.protocols.home_assistant.entity_state import EntityState
from hems.protocols.home_assistant.zigbee_sticks import SerialPort
from hems.protocols.json_decoding import decode_json
from hems.protocols.meters.plausible_energy import CountedEnergy

FLOWS = "/api/config/config_entries/flow"
SHARED = "core"


class AdminSession(ZhaCommands):
    """Home Assistant with an access token. Use as a context manager: it closes the websocket.

    Raises what HomeAssistant and Websocket raise.
    """

    def __init__(self, home_assistant: HomeAssistant, token: str) -> None:
        self._home_assistant = home_assistant
        self._token = token
        self._socket = Websocket(home_assistant.address, token, home_assistant.timeout_s)

    def __enter__(self) -> AdminSession:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the websocket, in bounded time."""
        self._socket.close()

    def finish_onboarding(self, step: str) -> None:
        """Mark `step` of the onboarding, any but the owner's, as done."""
        order = {"client_id": CLIENT, "redirect_uri": REDIRECT} if step == "integration" else {}
        self._request("POST", f"/api/onboarding/{step}", order)

    def set_home(self, **fields: str | float) -> None:
        """Set the home's properties; `fields` are those of the command config/core/update."""
        self._socket.command(object, "config/core/update", **fields)

    def home(self) -> dict[str, object]:
        """Return the home's properties, by the names that `set_home` takes, and much more."""
        return self._socket.command(dict[str, object], "get_config")

    def user(self) -> CurrentUser:
        """Return the user whose session this is."""
        return self._socket.command(CurrentUser, "auth/current_user")

    def users(self) -> tuple[ListedUser, ...]:
        """Return all users."""
        return self._socket.command(tuple[ListedUser, ...], "config/auth/list")

    def create_reader(self, name: str, user_name: str, password: str) -> None:
        """Make a user who may only read, and only from the local network."""
        user = self._socket.command(
            CreatedUser,
            "config/auth/create",
            name=name,
            group_ids=["system-read-only"],
            local_only=True,
        ).user
        self._socket.command(
            object,
            "config/auth_provider/homeassistant/create",
            user_id=user.id,
            username=user_name,
            password=password,
        )

    def remove_user(self, user_id: str) -> None:
        """Remove a user with its login and its tokens."""
        self._socket.command(object, "config/auth/delete", user_id=user_id)

    def persons(self) -> frozenset[str]:
        """Return the ids of the users who are a person of the home."""
        persons = self._socket.command(ListedPersons, "person/list")
        return frozenset(person.user_id for person in persons.storage if person.user_id)

    def create_person(self, name: str, user_id: str) -> None:
        """Make a user a person of the home, who can be at home or away."""
        self._socket.command(object, "person/create", name=name, user_id=user_id)

    def rooms(self) -> frozenset[str]:
        """Return the names of the home's areas."""
        areas = self._socket.command(tuple[ListedArea, ...], "config/area_registry/list")
        return frozenset(area.name for area in areas)

    def create_room(self, name: str, icon: str) -> None:
        """Create an area."""
        self._socket.command(object, "config/area_registry/create", name=name, icon=icon)

    def translations(self, language: str, category: str, integration: str) -> dict[str, str]:
        """Return Home Assistant's own texts by their keys; in English if it lacks `language`."""
        return self._socket.command(
            Translations,
            "frontend/get_translations",
            language=language,
            category=category,
            integration=[integration],
        ).resources

    def entries(self, domain: str) -> tuple[ConfigEntry, ...]:
        """Return the config entries of `domain`."""
        return self._socket.command(tuple[ConfigEntry, ...], "config_entries/get", domain=domain)

    def reload_entry(self, entry_id: str) -> None:
        """Set up an integration again, whatever its state.

        This may take longer than the time-out. It goes on then, unlike a request by HTTP, which
        Home Assistant would cancel half-way.
        """
        self._socket.command(
            object,
            "call_service",
            domain="homeassistant",
            service="reload_config_entry",
            service_data={"entry_id": entry_id},
        )

    def flows(self) -> tuple[WaitingFlow, ...]:
        """Return the flows that Home Assistant started itself and that wait for a person."""
        return self._socket.command(tuple[WaitingFlow, ...], "config_entries/flow/progress")

    def serial_ports(self) -> tuple[SerialPort, ...]:
        """Return the serial ports, and what uses them; none without the integration usb."""
        command = "usb/list_serial_ports"
        try:
            return self._socket.command(tuple[SerialPort, ...], command, include_usage=True)
        except CommandFailed as error:
            if error.code == "unknown_command":
                return ()
            raise

    def begin_flow(self, domain: str) -> FlowStep:
        """Start to set up the integration `domain`."""
        order = {"handler": domain, "show_advanced_options": False}
        return self._flow(FLOWS, order)

    def answer_flow(self, flow_id: str, fields: Mapping[str, object]) -> FlowStep:
        """Fill in the form of a flow."""
        return self._flow(f"{FLOWS}/{flow_id}", fields)

    def flow(self, flow_id: str) -> FlowStep:
        """Return the present step of a flow. Raises Unavailable once it has ended."""
        path = f"{FLOWS}/{flow_id}"
        return decode_json(self._request("GET", path, None), FlowStep, path)

    def give_up_flow(self, flow_id: str) -> None:
        """Cancel a flow that was started."""
        self._request("DELETE", f"{FLOWS}/{flow_id}", {})

    def entities(self) -> tuple[RegistryEntry, ...]:
        """Return the entity registry."""
        return self._socket.command(tuple[RegistryEntry, ...], "config/entity_registry/list")

    def devices(self) -> tuple[DeviceEntry, ...]:
        """Return the device registry, with the child devices."""
        return self._socket.command(tuple[DeviceEntry, ...], "config/device_registry/list")

    def name_device(self, device_id: str, name: str) -> None:
        """Give a device the name that people see; its entities have it in their names."""
        self._socket.command(
            object, "config/device_registry/update", device_id=device_id, name_by_user=name
        )

    def upload(self, name: str, content: bytes) -> str:
        """Give Home Assistant a file for the form of a flow; return its id there."""
        return self._home_assistant.upload(name, content, self._token)

    def label_device(self, device_id: str, labels: Collection[str]) -> None:
        """Give a device these labels, and no other."""
        self._socket.command(
            object, "config/device_registry/update", device_id=device_id, labels=[*labels]
        )

    def labels(self) -> tuple[LabelEntry, ...]:
        """Return the labels that a device may have."""
        return self._socket.command(tuple[LabelEntry, ...], "config/label_registry/list")

    def create_label(self, name: str, icon: str) -> LabelEntry:
        """Create a label; Home Assistant makes its id of the name."""
        return self._socket.command(
            LabelEntry, "config/label_registry/create", name=name, icon=icon
        )

    def rename_label(self, label_id: str, name: str) -> None:
        """Give a label another name; its id stays."""
        self._socket.command(object, "config/label_registry/update", label_id=label_id, name=name)

    def states(self) -> tuple[EntityState, ...]:
        """Return the current state of every entity."""
        return self._socket.command(tuple[EntityState, ...], "get_states")

    def restored_entities(self) -> frozenset[str]:
        """Return the ids of the entities that are in the registry, but that no integration loads.

        Home Assistant marks them so until their integration has loaded them.
        """
        return frozenset(state.entity_id for state in self.states() if state.attributes.restored)

    def remove_entity(self, entity_id: str) -> None:
        """Remove an entity that no integration loads from the entity registry."""
        self._socket.command(object, "config/entity_registry/remove", entity_id=entity_id)

    def sums(self) -> frozenset[str]:
        """Return the ids of the long-term statistics that are sums: mostly entity ids."""
        command = "recorder/list_statistic_ids"
        statistics = self._socket.command(tuple[Statistic, ...], command, statistic_type="sum")
        return frozenset(statistic.statistic_id for statistic in statistics)

    def counted_energy(
        self, entity_id: str, begin: float, period: str
    ) -> tuple[CountedEnergy, ...]:
        """Return what the statistics of an entity count since unix time `begin` (s), in Wh.

        `period` is "5minute", "hour" or "day".
        """
        return self.energy_of([entity_id], begin, None, period).get(entity_id, ())

    def energy_of(
        self, entity_ids: Collection[str], begin: float, end: float | None, period: str
    ) -> dict[str, tuple[CountedEnergy, ...]]:
        """Return what the statistics of entities count from `begin` on (unix s), in Wh, by entity.

        It is without the entities that have none. `end` is None for now.
        """
        if not entity_ids:  # Home Assistant would log an error
            return {}
        until = {} if end is None else {"end_time": datetime.fromtimestamp(end, UTC).isoformat()}
        statistics = self._socket.command(
            dict[str, tuple[StatisticsRow, ...]],
            "recorder/statistics_during_period",
            start_time=datetime.fromtimestamp(begin, UTC).isoformat(),
            statistic_ids=[*entity_ids],
            period=period,
            units={"energy": "Wh"},
            types=["change"],
            **until,
        )
        return {
            entity_id: tuple(CountedEnergy(row.start / 1000, row.change or 0.0) for row in rows)
            for entity_id, rows in statistics.items()
        }

    def correct_energy(self, entity_id: str, begin: float, wh: float) -> None:
        """Add energy (Wh) to an entity's statistics from the slot at unix time `begin` (s) on."""
        self._socket.command(
            object,
            "recorder/adjust_sum_statistics",
            statistic_id=entity_id,
            start_time=datetime.fromtimestamp(begin, UTC).isoformat(),
            adjustment=wh,
            adjustment_unit_of_measurement="Wh",
        )

    def energy_preferences(self) -> object | None:
        """Return the preferences of the energy dashboard; None if it was never set up."""
        return self._get("energy/get_prefs", "not_found")

    def save_energy_preferences(self, preferences: dict[str, Any]) -> None:
        """Set up the energy dashboard; protocols/home_assistant has the form of `preferences`."""
        self._socket.command(object, "energy/save_prefs", **preferences)

    def dashboards(self) -> frozenset[str]:
        """Return the URL paths of the dashboards besides the default one."""
        dashboards = self._socket.command(tuple[ListedDashboard, ...], "lovelace/dashboards/list")
        return frozenset(dashboard.url_path for dashboard in dashboards)

    def shared_settings(self) -> dict[str, object]:
        """Return the settings of the pages that count for all users who have chosen no other."""
        command = "frontend/get_system_data"
        return self._socket.command(StoredSettings, command, key=SHARED).value or {}

    def share_settings(self, settings: dict[str, object]) -> None:
        """Set the settings of the pages for all users who have chosen no other."""
        self._socket.command(object, "frontend/set_system_data", key=SHARED, value=settings)

    def create_dashboard(
        self, path: str, title: str, icon: str, *, is_for_administrators: bool
    ) -> None:
        """Create an empty dashboard in the side bar of everybody who may see it."""
        self._socket.command(
            object,
            "lovelace/dashboards/create",
            url_path=path,
            title=title,
            icon=icon,
            mode="storage",
            allow_single_word=True,
            require_admin=is_for_administrators,
        )

    def content(self, path: str) -> object | None:
        """Return the content of the dashboard at `path`; None if it was never saved."""
        return self._get("lovelace/config", "config_not_found", url_path=path)

    def save_dashboard(self, path: str, content: dict[str, Any]) -> None:
        """Set the content of the dashboard at `path`; protocols/home_assistant has its form."""
        self._socket.command(object, "lovelace/config/save", url_path=path, config=content)

    def _get(self, command: str, missing: str, **fields: object) -> object | None:
        try:
            return self._socket.command(object, command, **fields)
        except CommandFailed as error:
            if error.code == missing:
                return None
            raise

    def _flow(self, path: str, order: object) -> FlowStep:
        return decode_json(self._request("POST", path, order), FlowStep, path)

    def _request(self, method: str, path: str, order: object) -> bytes:
        return self._home_assistant.request(method, path, order, self._token)
