"""A session of an administrator of Home Assistant, mostly over the websocket.

POST /api/onboarding/STEP   marks a step as done

The commands of one subject have a module of their own: energy_commands.py, flow_commands.py,
page_commands.py, recorder_commands.py and zha_commands.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from hems.clients.home_assistant.auth_api import CLIENT, REDIRECT, HomeAssistant
from hems.clients.home_assistant.energy_commands import EnergyCommands
from hems.clients.home_assistant.flow_commands import FlowCommands
from hems.clients.home_assistant.page_commands import PageCommands
from hems.clients.home_assistant.recorder_commands import RecorderCommands
from hems.clients.home_assistant.responses import (
    ConfigEntry,
    CreatedUser,
    CurrentUser,
    LabelEntry,
    ListedArea,
    ListedPersons,
    ListedUser,
    Translations,
)
from hems.clients.home_assistant.websocket import CommandFailed, Websocket
from hems.clients.home_assistant.zha_commands import ZhaCommands
from hems.protocols.home_assistant.device_registry import DeviceEntry
from hems.protocols.home_assistant.entity_registry import RegistryEntry
from hems.protocols.home_assistant.entity_state import EntityState
from hems.protocols.home_assistant.zigbee_stick_finder import SerialPort


class AdminSession(EnergyCommands, FlowCommands, PageCommands, RecorderCommands, ZhaCommands):
    """Home Assistant with an access token. Use as a context manager: it closes the websocket.

    It calls `check` as Websocket does. Raises what HomeAssistant and Websocket raise.
    """

    def __init__(
        self, home_assistant: HomeAssistant, token: str, check: Callable[[], None] | None = None
    ) -> None:
        self._home_assistant = home_assistant
        self._token = token
        self._socket = Websocket(home_assistant.address, token, home_assistant.timeout_s, check)

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

    def serial_ports(self) -> tuple[SerialPort, ...]:
        """Return the serial ports, and what uses them; none without the integration usb."""
        command = "usb/list_serial_ports"
        try:
            return self._socket.command(tuple[SerialPort, ...], command, include_usage=True)
        except CommandFailed as error:
            if error.code == "unknown_command":
                return ()
            raise

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

    def _request(self, method: str, path: str, order: object) -> bytes:
        return self._home_assistant.request(method, path, order, self._token)
